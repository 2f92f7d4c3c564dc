using System.Buffers.Binary;

namespace Fleethold.SideroLink.Tun;

/// <summary>
/// A packet as the device hands it out, up to 64 KiB long and perhaps without its checksum, seen as the segments it stands for. Each segment is
/// written straight where it is needed, complete and with right checksums (reference/wireguard.md 3.3).
/// </summary>
internal readonly ref struct SuperPacket
{
    private const byte Fin = 0x01;
    private const byte Psh = 0x08;
    private const byte Cwr = 0x80;
    private readonly Span<byte> _packet;
    private readonly VirtioHeader _header;
    private readonly int _headers;
    private readonly int _size;
    private readonly ulong _addresses;
    private readonly bool _v4;

    private SuperPacket(Span<byte> packet, VirtioHeader header, int headers, int count)
    {
        _packet = packet;
        _header = header;
        _headers = headers;
        _size = header.SegmentSize;
        Count = count;
        _v4 = packet[0] >> 4 == 4;
        _addresses = Checksum.Add(_v4 ? packet[12..20] : packet[8..40]);
    }

    /// <summary>How many segments there are.</summary>
    public int Count { get; }

    /// <summary>The whole packet; its addresses are those of every segment.</summary>
    public ReadOnlySpan<byte> Packet => _packet;

    /// <summary>Reads what the device handed out. False when it is no packet that can be cut.</summary>
    /// <param name="frame">The virtio header and the packet. A single packet's checksum is completed in place.</param>
    /// <param name="packet">What was read.</param>
    public static bool TryRead(Span<byte> frame, out SuperPacket packet)
    {
        packet = default;
        if (frame.Length < VirtioHeader.Length + 20)
        {
            return false;
        }

        var header = VirtioHeader.Read(frame);
        var bytes = frame[VirtioHeader.Length..];
        var version = bytes[0] >> 4;
        if (version is not (4 or 6) || (version == 6 && bytes.Length < 40))
        {
            return false;
        }

        var kind = header.Kind & ~VirtioHeader.EcnBit;
        if (kind == 0)
        {
            packet = new SuperPacket(bytes, header, bytes.Length, 1);
            return (header.Flags & VirtioHeader.NeedsChecksum) == 0 || CompleteChecksum(bytes, header);
        }

        int start = header.ChecksumStart;
        var transport = kind switch
        {
            VirtioHeader.Tcp4 or VirtioHeader.Tcp6 when bytes.Length >= start + 20 => (bytes[start + 12] >> 4) * 4,
            VirtioHeader.Udp when bytes.Length >= start + 8 => 8,
            _ => 0,
        };
        var headers = start + transport;
        if (transport < 8 || start < (version == 4 ? Math.Max(20, (bytes[0] & 15) * 4) : 40) || header.SegmentSize == 0 || bytes.Length <= headers
            || (kind == VirtioHeader.Tcp4 && version != 4) || (kind == VirtioHeader.Tcp6 && version != 6) || (kind != VirtioHeader.Udp && transport < 20))
        {
            return false;
        }

        packet = new SuperPacket(bytes, header, headers, (bytes.Length - headers + header.SegmentSize - 1) / header.SegmentSize);
        return true;
    }

    /// <summary>The length of a segment in bytes.</summary>
    public int LengthOf(int segment) => Count == 1 ? _packet.Length : _headers + Math.Min(_size, _packet.Length - _headers - (segment * _size));

    /// <summary>Writes a segment.</summary>
    /// <param name="segment">Which one, from 0.</param>
    /// <param name="to">Where; as long as <see cref="LengthOf"/> says.</param>
    public void Write(int segment, Span<byte> to)
    {
        if (_headers == _packet.Length)
        {
            _packet.CopyTo(to);
            return;
        }

        var payload = to.Length - _headers;
        _packet[.._headers].CopyTo(to);
        _packet.Slice(_headers + (segment * _size), payload).CopyTo(to[_headers..]);
        int start = _header.ChecksumStart;
        if (_v4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)to.Length);
            BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(to[4..]) + segment));
            Checksum.Store(to[10..], 0);
            Checksum.Store(to[10..], Checksum.Finish(Checksum.Add(to[..((to[0] & 15) * 4)])));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)(to.Length - 40));
        }

        var transport = to[start..];
        if (_header.Kind == VirtioHeader.Udp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)transport.Length);
            Sum(transport, VirtioHeader.UdpChecksum, 17);
            return;
        }

        BinaryPrimitives.WriteUInt32BigEndian(transport[4..], BinaryPrimitives.ReadUInt32BigEndian(transport[4..]) + (uint)(segment * _size));
        var cleared = (segment < Count - 1 ? Fin | Psh : 0) | (segment > 0 ? Cwr : 0);
        transport[13] &= (byte)~cleared;
        Sum(transport, VirtioHeader.TcpChecksum, 6);
    }

    private void Sum(Span<byte> transport, int field, byte protocol)
    {
        Checksum.Store(transport[field..], 0);
        var pseudo = _addresses + ((ulong)protocol << 8) + BinaryPrimitives.ReverseEndianness((ushort)transport.Length);
        var sum = Checksum.Finish(Checksum.Add(transport, pseudo));
        Checksum.Store(transport[field..], sum == 0 && protocol == 17 ? ushort.MaxValue : sum);
    }

    /// <summary>The field holds the sum of the pseudo-header; what it lacks is the transport's.</summary>
    private static bool CompleteChecksum(Span<byte> packet, VirtioHeader header)
    {
        var field = header.ChecksumStart + header.ChecksumOffset;
        if (field + 2 > packet.Length)
        {
            return false;
        }

        var sum = Checksum.Finish(Checksum.Add(packet[header.ChecksumStart..]));
        Checksum.Store(packet[field..], sum == 0 && header.ChecksumOffset == VirtioHeader.UdpChecksum ? ushort.MaxValue : sum);
        return true;
    }
}
