using System.Buffers.Binary;

namespace Fleethold.SideroLink.Tun;

/// <summary>The ten bytes before each packet of the device, in both directions (reference/wireguard.md 3.3).</summary>
/// <param name="Flags">1: the checksum is left to do, its field holds the sum of the pseudo-header.</param>
/// <param name="Kind">What the packet is to be cut into; 0 for a single packet.</param>
/// <param name="HeaderLength">Bytes of IP and transport header. What the kernel writes here isn't trusted.</param>
/// <param name="SegmentSize">Payload bytes per segment.</param>
/// <param name="ChecksumStart">Where the transport header starts.</param>
/// <param name="ChecksumOffset">Where the checksum is in it.</param>
internal readonly record struct VirtioHeader(byte Flags, byte Kind, ushort HeaderLength, ushort SegmentSize, ushort ChecksumStart, ushort ChecksumOffset)
{
    public const int Length = 10;
    public const byte NeedsChecksum = 1;
    public const byte Tcp4 = 1;
    public const byte Tcp6 = 4;
    public const byte Udp = 5;
    public const byte EcnBit = 0x80;
    public const ushort TcpChecksum = 16;
    public const ushort UdpChecksum = 6;

    /// <summary>Reads it.</summary>
    public static VirtioHeader Read(ReadOnlySpan<byte> from) => new(
        from[0],
        from[1],
        BinaryPrimitives.ReadUInt16LittleEndian(from[2..]),
        BinaryPrimitives.ReadUInt16LittleEndian(from[4..]),
        BinaryPrimitives.ReadUInt16LittleEndian(from[6..]),
        BinaryPrimitives.ReadUInt16LittleEndian(from[8..]));

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> to)
    {
        to[0] = Flags;
        to[1] = Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], SegmentSize);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], ChecksumStart);
        BinaryPrimitives.WriteUInt16LittleEndian(to[8..], ChecksumOffset);
    }
}
