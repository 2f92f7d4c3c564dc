using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>ChaCha20-Poly1305 with WireGuard's nonce (four zero bytes, then a little-endian counter), in place, by OpenSSL. Allocates nothing after a thread's first use.</summary>
internal static unsafe class Aead
{
    /// <summary>Bytes of the tag after the ciphertext.</summary>
    public const int TagLength = 16;

    // One pair per thread and not per session: setting a key costs some 60 ns, a context for each of 40,000 sessions costs memory.
    [ThreadStatic]
    private static Contexts? _contexts;

    /// <summary>Encrypts all but the last 16 bytes in place and writes the tag there.</summary>
    public static void Seal(ReadOnlySpan<byte> key, ulong counter, ReadOnlySpan<byte> data, Span<byte> buffer)
    {
        var length = buffer.Length - TagLength;
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Key32.Length);
        var nonce = stackalloc byte[12];
        *(uint*)nonce = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(nonce + 4, 8), counter);
        var context = (_contexts ??= new Contexts()).Encrypt;
        int written;
        fixed (byte* keyAt = key, dataAt = data, at = buffer)
        {
            var good = LibCrypto.EVP_EncryptInit_ex(context, 0, 0, keyAt, nonce) == 1
                && (data.IsEmpty || LibCrypto.EVP_EncryptUpdate(context, null, &written, dataAt, data.Length) == 1)
                && (length == 0 || LibCrypto.EVP_EncryptUpdate(context, at, &written, at, length) == 1)
                && LibCrypto.EVP_EncryptFinal_ex(context, at + length, &written) == 1
                && LibCrypto.EVP_CIPHER_CTX_ctrl(context, LibCrypto.GetTag, TagLength, at + length) == 1;
            if (!good)
            {
                throw new CryptographicException("OpenSSL refused to encrypt with ChaCha20-Poly1305; a FIPS-only configuration has no such cipher");
            }
        }
    }

    /// <summary>Decrypts all but the last 16 bytes in place if the tag there is right; otherwise false, and the buffer is worthless.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> key, ulong counter, ReadOnlySpan<byte> data, Span<byte> buffer)
    {
        var length = buffer.Length - TagLength;
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Key32.Length);
        if (length < 0)
        {
            return false;
        }

        var nonce = stackalloc byte[12];
        *(uint*)nonce = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(nonce + 4, 8), counter);
        var context = (_contexts ??= new Contexts()).Decrypt;
        int written;
        byte none;
        fixed (byte* keyAt = key, dataAt = data, at = buffer)
        {
            return LibCrypto.EVP_DecryptInit_ex(context, 0, 0, keyAt, nonce) == 1
                && (data.IsEmpty || LibCrypto.EVP_DecryptUpdate(context, null, &written, dataAt, data.Length) == 1)
                && (length == 0 || LibCrypto.EVP_DecryptUpdate(context, at, &written, at, length) == 1)
                && LibCrypto.EVP_CIPHER_CTX_ctrl(context, LibCrypto.SetTag, TagLength, at + length) == 1
                && LibCrypto.EVP_DecryptFinal_ex(context, &none, &written) == 1;
        }
    }

    /// <summary>The contexts of one thread; freed some time after it has ended.</summary>
    private sealed class Contexts
    {
        public Contexts()
        {
            Encrypt = LibCrypto.EVP_CIPHER_CTX_new();
            Decrypt = LibCrypto.EVP_CIPHER_CTX_new();
            var cipher = LibCrypto.EVP_chacha20_poly1305();
            if (LibCrypto.EVP_EncryptInit_ex(Encrypt, cipher, 0, null, null) != 1 || LibCrypto.EVP_DecryptInit_ex(Decrypt, cipher, 0, null, null) != 1)
            {
                throw new CryptographicException("the OpenSSL of this system offers no ChaCha20-Poly1305, which WireGuard needs; is it configured for FIPS only?");
            }
        }

        ~Contexts()
        {
            LibCrypto.EVP_CIPHER_CTX_free(Encrypt);
            LibCrypto.EVP_CIPHER_CTX_free(Decrypt);
        }

        public nint Encrypt { get; }

        public nint Decrypt { get; }
    }
}
