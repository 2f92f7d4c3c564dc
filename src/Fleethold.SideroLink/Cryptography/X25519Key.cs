using System.Security.Cryptography;
using Fleethold.SideroLink.Wire;
using Microsoft.Win32.SafeHandles;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>A Curve25519 private key that OpenSSL holds. Thread-safe; disposal wipes it.</summary>
internal sealed unsafe class X25519Key : SafeHandleZeroOrMinusOneIsInvalid
{
    // Making one costs as much as a tenth of an agreement. Kept for the next; who finds none here makes another.
    private nint _context;

    private X25519Key(nint handle)
        : base(ownsHandle: true)
    {
        SetHandle(handle);
    }

    /// <summary>Its public key.</summary>
    public PublicKey PublicKey { get; private set; }

    /// <summary>A new key.</summary>
    public static X25519Key Generate()
    {
        Span<byte> bytes = stackalloc byte[Key32.Length];
        RandomNumberGenerator.Fill(bytes);
        var key = Import(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    /// <summary>The key of these 32 bytes, clamped as the curve wants it.</summary>
    /// <exception cref="ArgumentException">They aren't 32.</exception>
    public static X25519Key Import(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != Key32.Length)
        {
            throw new ArgumentException($"a private key has 32 bytes, not {privateKey.Length}", nameof(privateKey));
        }

        Span<byte> clamped = stackalloc byte[Key32.Length];
        privateKey.CopyTo(clamped);
        clamped[0] &= 248;
        clamped[31] = (byte)((clamped[31] & 127) | 64);
        Span<byte> bytes = stackalloc byte[PublicKey.Length];
        fixed (byte* at = clamped, publicAt = bytes)
        {
            var handle = LibCrypto.EVP_PKEY_new_raw_private_key(LibCrypto.X25519, 0, at, Key32.Length);
            CryptographicOperations.ZeroMemory(clamped);
            nuint length = PublicKey.Length;
            if (handle == 0 || LibCrypto.EVP_PKEY_get_raw_public_key(handle, publicAt, &length) != 1)
            {
                throw new CryptographicException("the OpenSSL of this system offers no X25519, which WireGuard needs; is it configured for FIPS only?");
            }

            return new X25519Key(handle) { PublicKey = PublicKey.Read(bytes) };
        }
    }

    /// <summary>The shared secret with a public key, 32 bytes; false when it would be all zeros (a point of low order).</summary>
    public bool TryAgree(ReadOnlySpan<byte> publicKey, Span<byte> shared)
    {
        if (publicKey.Length != PublicKey.Length || shared.Length != Key32.Length)
        {
            throw new ArgumentException("a public key and a shared secret have 32 bytes each");
        }

        var held = false;
        nint peer = 0;
        nint context = 0;
        try
        {
            DangerousAddRef(ref held);
            fixed (byte* publicAt = publicKey, at = shared)
            {
                nuint length = Key32.Length;
                peer = LibCrypto.EVP_PKEY_new_raw_public_key(LibCrypto.X25519, 0, publicAt, PublicKey.Length);
                context = TakeContext();
                var good = peer != 0 && context != 0
                    && LibCrypto.EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1
                    && LibCrypto.EVP_PKEY_derive(context, at, &length) == 1;
                if (!good)
                {
                    // Errors pile up in the thread's queue, where a later TLS call of this thread would find them.
                    LibCrypto.ERR_clear_error();
                }

                return good;
            }
        }
        catch (ObjectDisposedException)
        {
            // Its owner was removed while a handshake was under way.
            return false;
        }
        finally
        {
            LibCrypto.EVP_PKEY_free(peer);
            if (context != 0 && Interlocked.CompareExchange(ref _context, context, 0) != 0)
            {
                LibCrypto.EVP_PKEY_CTX_free(context);
            }

            if (held)
            {
                DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_CTX_free(Interlocked.Exchange(ref _context, 0));
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }

    private nint TakeContext()
    {
        var context = Interlocked.Exchange(ref _context, 0);
        if (context != 0)
        {
            return context;
        }

        context = LibCrypto.EVP_PKEY_CTX_new(handle, 0);
        if (context != 0 && LibCrypto.EVP_PKEY_derive_init(context) != 1)
        {
            LibCrypto.EVP_PKEY_CTX_free(context);
            context = 0;
        }

        return context;
    }
}
