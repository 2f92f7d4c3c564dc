using System.Security.Cryptography;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>WireGuard's key derivation: HKDF by HMAC over BLAKE2s, which isn't keyed BLAKE2s (reference/wireguard.md 1.1).</summary>
internal static class KeyDerivation
{
    /// <summary>HMAC (RFC 2104) of one input, or of two after each other; 32 bytes.</summary>
    public static void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mac)
    {
        Span<byte> pad = stackalloc byte[Blake2s.BlockLength];
        pad.Clear();
        if (key.Length > Blake2s.BlockLength)
        {
            Blake2s.Hash(key, [], pad[..32]);
        }
        else
        {
            key.CopyTo(pad);
        }

        Xor(pad, 0x36);
        Span<byte> digest = stackalloc byte[32];
        var inner = new Blake2s(32, []);
        inner.Update(pad);
        inner.Update(first);
        inner.Update(second);
        inner.Finish(digest);
        Xor(pad, 0x36 ^ 0x5c);
        var outer = new Blake2s(32, []);
        outer.Update(pad);
        outer.Update(digest);
        outer.Finish(mac);
        CryptographicOperations.ZeroMemory(pad);
        CryptographicOperations.ZeroMemory(digest);
    }

    /// <summary>Derives one to three keys of 32 bytes; empty spans at the end leave that many out. Outputs may overlay the key.</summary>
    public static void Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> first, Span<byte> second, Span<byte> third)
    {
        Span<byte> secret = stackalloc byte[32];
        Hmac(key, input, [], secret);
        Hmac(secret, [1], [], first);
        if (!second.IsEmpty)
        {
            Hmac(secret, first, [2], second);
        }

        if (!third.IsEmpty)
        {
            Hmac(secret, second, [3], third);
        }

        CryptographicOperations.ZeroMemory(secret);
    }

    private static void Xor(Span<byte> bytes, byte value)
    {
        foreach (ref var b in bytes)
        {
            b ^= value;
        }
    }
}
