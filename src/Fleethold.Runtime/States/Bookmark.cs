using System.Buffers.Binary;

namespace Fleethold.Runtime.States;

/// <summary>
/// Where a watch stands: 8 bytes that tell the history it belongs to (the store's id for persistent kinds, the process's for others)
/// and the revision of the last event seen, big-endian. Clients don't look inside (reference/resources.md 2.7).
/// </summary>
internal static class Bookmark
{
    public const int Length = 16;

    public static byte[] Encode(long history, long revision)
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, history);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), revision);
        return bytes;
    }

    /// <summary>The revision; false when the bookmark is malformed or of another history.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, long history, out long revision)
    {
        revision = 0;
        if (bytes.Length != Length || BinaryPrimitives.ReadInt64BigEndian(bytes) != history)
        {
            return false;
        }

        revision = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]);
        return revision >= 0;
    }
}
