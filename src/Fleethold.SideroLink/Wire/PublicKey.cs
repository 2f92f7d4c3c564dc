using System.Diagnostics.CodeAnalysis;

namespace Fleethold.SideroLink.Wire;

/// <summary>A Curve25519 public key as WireGuard uses it: 32 bytes, 44 characters of base64 on the wire.</summary>
/// <param name="A">Bytes 0 to 15, little-endian.</param>
/// <param name="B">Bytes 16 to 31, little-endian.</param>
public readonly record struct PublicKey(UInt128 A, UInt128 B)
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = 32;

    /// <summary>The key in the first 32 bytes.</summary>
    public static PublicKey Read(ReadOnlySpan<byte> bytes) => new(
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes),
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]));

    /// <summary>Writes the 32 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(bytes, A);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(bytes[16..], B);
    }

    /// <summary>Reads exactly 44 characters of padded standard base64 that stand for 32 bytes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PublicKey key)
    {
        Span<byte> bytes = stackalloc byte[Length];
        key = default;
        if (text is not { Length: 44 } || !Convert.TryFromBase64String(text, bytes, out var written) || written != Length)
        {
            return false;
        }

        key = Read(bytes);
        return true;
    }

    /// <summary>The base64 form.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        Write(bytes);
        return Convert.ToBase64String(bytes);
    }
}
