using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>XChaCha20-Poly1305 with a 24-byte nonce, in place; only cookie replies use it.</summary>
internal static class XAead
{
    /// <summary>Bytes of the nonce.</summary>
    public const int NonceLength = 24;

    /// <summary>Encrypts all but the last 16 bytes in place and writes the tag there.</summary>
    public static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> data, Span<byte> buffer)
    {
        Span<byte> subkey = stackalloc byte[Key32.Length];
        HChaCha20(key, nonce, subkey);
        Aead.Seal(subkey, BinaryPrimitives.ReadUInt64LittleEndian(nonce[16..]), data, buffer);
        CryptographicOperations.ZeroMemory(subkey);
    }

    /// <summary>Decrypts all but the last 16 bytes in place if the tag there is right; otherwise false, and the buffer is worthless.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> data, Span<byte> buffer)
    {
        Span<byte> subkey = stackalloc byte[Key32.Length];
        HChaCha20(key, nonce, subkey);
        var good = Aead.TryOpen(subkey, BinaryPrimitives.ReadUInt64LittleEndian(nonce[16..]), data, buffer);
        CryptographicOperations.ZeroMemory(subkey);
        return good;
    }

    private static void HChaCha20(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, Span<byte> subkey)
    {
        Span<uint> x = stackalloc uint[16];
        x[0] = 0x61707865;
        x[1] = 0x3320646e;
        x[2] = 0x79622d32;
        x[3] = 0x6b206574;
        MemoryMarshal.Cast<byte, uint>(key[..32]).CopyTo(x[4..]);
        MemoryMarshal.Cast<byte, uint>(nonce[..16]).CopyTo(x[12..]);
        for (var i = 0; i < 10; i++)
        {
            Quarter(x, 0, 4, 8, 12);
            Quarter(x, 1, 5, 9, 13);
            Quarter(x, 2, 6, 10, 14);
            Quarter(x, 3, 7, 11, 15);
            Quarter(x, 0, 5, 10, 15);
            Quarter(x, 1, 6, 11, 12);
            Quarter(x, 2, 7, 8, 13);
            Quarter(x, 3, 4, 9, 14);
        }

        MemoryMarshal.AsBytes(x[..4]).CopyTo(subkey);
        MemoryMarshal.AsBytes(x[12..]).CopyTo(subkey[16..]);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(x));
    }

    private static void Quarter(Span<uint> x, int a, int b, int c, int d)
    {
        x[a] += x[b];
        x[d] = BitOperations.RotateLeft(x[d] ^ x[a], 16);
        x[c] += x[d];
        x[b] = BitOperations.RotateLeft(x[b] ^ x[c], 12);
        x[a] += x[b];
        x[d] = BitOperations.RotateLeft(x[d] ^ x[a], 8);
        x[c] += x[d];
        x[b] = BitOperations.RotateLeft(x[b] ^ x[c], 7);
    }
}
