using System.Security.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>Chaining key and hash of a handshake under way, and what may be mixed into them (reference/wireguard.md 1.3).</summary>
internal struct NoiseState
{
    /// <summary>The chaining key C.</summary>
    public Key32 Chain;

    /// <summary>The hash H.</summary>
    public Key32 Hash;

    private static readonly Key32 InitialChain = HashOf("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"u8, []);
    private static readonly Key32 InitialHash = HashOf(InitialChain, "WireGuard v1 zx2c4 Jason@zx2c4.com"u8);

    /// <summary>Before anything was mixed in: C0 and H0.</summary>
    public static NoiseState Initial => new() { Chain = InitialChain, Hash = InitialHash };

    /// <summary>The start of every handshake with this responder.</summary>
    public static NoiseState StartFor(ReadOnlySpan<byte> responder)
    {
        var state = Initial;
        state.MixHash(responder);
        return state;
    }

    /// <summary>H = HASH(H ‖ data).</summary>
    public void MixHash(ReadOnlySpan<byte> data) => Blake2s.Hash(Hash, data, Hash);

    /// <summary>C = KDF1(C, data).</summary>
    public void MixChain(ReadOnlySpan<byte> data) => KeyDerivation.Derive(Chain, data, Chain, default, default);

    /// <summary>(C, key) = KDF2(C, data).</summary>
    public void MixKey(ReadOnlySpan<byte> data, Span<byte> key) => KeyDerivation.Derive(Chain, data, Chain, key, default);

    /// <summary>(C, τ, key) = KDF3(C, preshared key), and τ goes into H.</summary>
    public void MixPresharedKey(ReadOnlySpan<byte> presharedKey, Span<byte> key)
    {
        Span<byte> tau = stackalloc byte[Key32.Length];
        KeyDerivation.Derive(Chain, presharedKey, Chain, tau, key);
        MixHash(tau);
        CryptographicOperations.ZeroMemory(tau);
    }

    /// <summary>Seals all but the last 16 bytes in place, and mixes the result into H.</summary>
    public void Seal(ReadOnlySpan<byte> key, Span<byte> buffer)
    {
        Aead.Seal(key, 0, Hash, buffer);
        MixHash(buffer);
    }

    /// <summary>Opens into another buffer, 16 bytes shorter, and mixes what was sealed into H; false when it isn't authentic.</summary>
    public bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, Span<byte> opened)
    {
        Span<byte> copy = stackalloc byte[PublicKey.Length + Aead.TagLength];
        copy = copy[..sealedBytes.Length];
        sealedBytes.CopyTo(copy);
        if (!Aead.TryOpen(key, 0, Hash, copy))
        {
            return false;
        }

        copy[..opened.Length].CopyTo(opened);
        MixHash(sealedBytes);
        return true;
    }

    /// <summary>The two transport keys, first that with which the initiator sends.</summary>
    public readonly void Split(out Key32 initiatorSends, out Key32 responderSends)
    {
        initiatorSends = default;
        responderSends = default;
        KeyDerivation.Derive(Chain, [], initiatorSends, responderSends, default);
    }

    /// <summary>Wipes it.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(Chain);
        CryptographicOperations.ZeroMemory(Hash);
    }

    private static Key32 HashOf(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var hash = default(Key32);
        Blake2s.Hash(first, second, hash);
        return hash;
    }
}
