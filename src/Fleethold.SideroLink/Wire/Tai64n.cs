using System.Buffers.Binary;

namespace Fleethold.SideroLink.Wire;

/// <summary>A handshake timestamp: 12 bytes big-endian, rounded down to 2^24 ns so that it tells less about the sender (reference/wireguard.md 1.4).</summary>
/// <param name="Seconds">TAI64 seconds.</param>
/// <param name="Nanoseconds">0 to 999,999,999.</param>
internal readonly record struct Tai64n(ulong Seconds, uint Nanoseconds) : IComparable<Tai64n>
{
    /// <summary>Bytes of a timestamp.</summary>
    public const int Length = 12;

    private const ulong Epoch = 0x400000000000000a;
    private const uint Granule = 1u << 24;

    /// <summary>The timestamp in the first 12 bytes. Anything goes: only the order counts.</summary>
    public static Tai64n Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));

    /// <summary>The timestamp of a time.</summary>
    /// <param name="nanoseconds">Since 1970.</param>
    public static Tai64n FromUnixNanoseconds(long nanoseconds)
    {
        var seconds = Math.DivRem(nanoseconds, 1_000_000_000, out var rest);
        if (rest < 0)
        {
            seconds--;
            rest += 1_000_000_000;
        }

        return new(unchecked(Epoch + (ulong)seconds), (uint)rest & ~(Granule - 1));
    }

    /// <summary>The timestamp of a time.</summary>
    public static Tai64n FromTime(DateTimeOffset time) => FromUnixNanoseconds((time - DateTimeOffset.UnixEpoch).Ticks * 100);

    /// <summary>The smallest greater timestamp.</summary>
    public Tai64n Next()
    {
        var next = (Nanoseconds & ~(Granule - 1)) + Granule;
        return next < 1_000_000_000 ? this with { Nanoseconds = next } : new(Seconds + 1, 0);
    }

    /// <summary>Writes the 12 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Seconds);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Nanoseconds);
    }

    /// <summary>The order of the bytes.</summary>
    public int CompareTo(Tai64n other) => Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanoseconds.CompareTo(other.Nanoseconds);
}
