using System.Buffers.Binary;

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
/// The open part of a row, 49 bytes: kind (1), revision of the change (8, little endian), revision of the creation (8), row key (32).
/// The sealed blob is bound to it: a blob that was moved to another row, revision or kind doesn't open.
/// </summary>
internal static class RowHead
{
    public const int KeyLength = 32;
    public const int Length = 1 + 8 + 8 + KeyLength;

    public static void Write(Span<byte> head, RowKind kind, long revision, long createRevision)
    {
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], revision);
        BinaryPrimitives.WriteInt64LittleEndian(head[9..], createRevision);
    }

    public static RowKind Kind(ReadOnlySpan<byte> head) => (RowKind)head[0];

    public static long Revision(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadInt64LittleEndian(head[1..]);

    public static long CreateRevision(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadInt64LittleEndian(head[9..]);

    public static Span<byte> Key(Span<byte> head) => head.Slice(17, KeyLength);

    public static ReadOnlySpan<byte> Key(ReadOnlySpan<byte> head) => head.Slice(17, KeyLength);

    /// <summary>Half of the row key, enough to tell rows apart in memory.</summary>
    public static UInt128 ShortKey(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadUInt128LittleEndian(head[17..]);
}
