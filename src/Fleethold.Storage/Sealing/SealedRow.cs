using System.Buffers.Binary;
using System.Numerics;

namespace Fleethold.Storage.Sealing;

/// <summary>What a sealed blob holds.</summary>
internal enum RowKind : byte
{
    /// <summary>The present content of a resource.</summary>
    Resource = 0,

    /// <summary>The last content of a destroyed resource.</summary>
    Tombstone = 1,
}

/// <summary>
/// The open part of a row, 53 bytes: kind (1), revision of the change (8, little endian), revision of the creation (8), row key (32), CRC-32C of
/// these (4), which shows damage in rows that need not be opened. The sealed blob is bound to the head: one that was moved to another row, revision or
/// kind doesn't open.
/// </summary>
internal static class RowHead
{
    public const int KeyLength = 32;
    public const int Length = CheckedLength + 4;

    private const int CheckedLength = 1 + 8 + 8 + KeyLength;

    /// <summary>Completes a head whose <see cref="Key(Span{byte})"/> was written before.</summary>
    public static void Write(Span<byte> head, RowKind kind, long revision, long createRevision)
    {
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], revision);
        BinaryPrimitives.WriteInt64LittleEndian(head[9..], createRevision);
        BinaryPrimitives.WriteUInt32LittleEndian(head[CheckedLength..], Check(head));
    }

    /// <summary>False when the head is damaged.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> head) =>
        head.Length == Length && BinaryPrimitives.ReadUInt32LittleEndian(head[CheckedLength..]) == Check(head) && head[0] <= (byte)RowKind.Tombstone;

    public static RowKind Kind(ReadOnlySpan<byte> head) => (RowKind)head[0];

    public static long Revision(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadInt64LittleEndian(head[1..]);

    public static long CreateRevision(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadInt64LittleEndian(head[9..]);

    public static Span<byte> Key(Span<byte> head) => head.Slice(17, KeyLength);

    public static ReadOnlySpan<byte> Key(ReadOnlySpan<byte> head) => head.Slice(17, KeyLength);

    /// <summary>Half of the row key, enough to tell rows apart in memory.</summary>
    public static UInt128 ShortKey(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadUInt128LittleEndian(head[17..]);

    private static uint Check(ReadOnlySpan<byte> head)
    {
        var check = uint.MaxValue;
        for (var at = 1; at < CheckedLength; at += 8)
        {
            check = BitOperations.Crc32C(check, BinaryPrimitives.ReadUInt64LittleEndian(head[at..]));
        }

        return BitOperations.Crc32C(check, head[0]);
    }
}
