using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Fleethold.SideroLink.Tun;

/// <summary>What of a packet decides whether it may be joined with others.</summary>
/// <param name="Transport">Where the transport header starts; 0 when the packet is none that has a checksum we know how to leave to the kernel.</param>
/// <param name="Headers">Bytes of all headers.</param>
/// <param name="Payload">Bytes after them.</param>
/// <param name="IsTcp">TCP; otherwise UDP.</param>
/// <param name="Joinable">It may be joined as far as it alone decides that: data, and of TCP only ACK with or without PSH.</param>
internal readonly record struct PacketShape(int Transport, int Headers, int Payload, bool IsTcp, bool Joinable)
{
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const byte Ack = 0x10;
    private const byte Psh = 0x08;
    private const int FragmentBits = 0x3fff;

    /// <summary>Looks at one packet without padding (reference/wireguard.md 3.3).</summary>
    public static PacketShape Of(ReadOnlySpan<byte> packet)
    {
        byte protocol;
        int transport;
        if (packet.Length >= 40 && packet[0] >> 4 == 6)
        {
            protocol = packet[6];
            transport = 40;
        }
        else if (packet.Length >= 20 && packet[0] == 0x45 && (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & FragmentBits) == 0)
        {
            protocol = packet[9];
            transport = 20;
        }
        else
        {
            return default;
        }

        if (protocol == Tcp && packet.Length >= transport + 20)
        {
            var headers = transport + ((packet[transport + 12] >> 4) * 4);
            var payload = packet.Length - headers;
            return headers < transport + 20 || payload < 0
                ? default
                : new(transport, headers, payload, IsTcp: true, payload > 0 && (packet[transport + 13] & ~Psh) == Ack);
        }

        // A UDP checksum of 0 over IPv4 says that there is none.
        return protocol == Udp && packet.Length >= transport + 8 && BinaryPrimitives.ReadUInt16LittleEndian(packet[(transport + 6)..]) != 0
            && BinaryPrimitives.ReadUInt16BigEndian(packet[(transport + 4)..]) == packet.Length - transport
            ? new(transport, transport + 8, packet.Length - transport - 8, IsTcp: false, packet.Length > transport + 8)
            : default;
    }

    /// <summary>A hash of addresses and ports.</summary>
    public uint FlowHash(ReadOnlySpan<byte> packet)
    {
        var ports = Unsafe.ReadUnaligned<uint>(in packet[Transport]);
        var last = Unsafe.ReadUnaligned<ulong>(in packet[Transport - 8]);
        var source = Unsafe.ReadUnaligned<ulong>(in packet[Transport - (Transport == 40 ? 24 : 8)]);
        var hash = (ports * 0x9e3779b97f4a7c15) ^ (last * 0xc2b2ae3d27d4eb4f) ^ (source * 0x165667b19e3779f9);
        return (uint)(hash >> 32) ^ (uint)(hash >> 13);
    }

    /// <summary>Whether two joinable packets of one shape differ in nothing but what joining changes: lengths, sequence numbers, PSH, checksums and IPv4 ids.</summary>
    public bool Matches(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var ip = Transport == 40
            ? one[..4].SequenceEqual(other[..4]) && one[6..40].SequenceEqual(other[6..40])
            : one[..2].SequenceEqual(other[..2]) && one[6..10].SequenceEqual(other[6..10]) && one[12..20].SequenceEqual(other[12..20]);
        var a = one[Transport..Headers];
        var b = other[Transport..Headers];
        return ip && a[..4].SequenceEqual(b[..4])
            && (!IsTcp || (a[8..13].SequenceEqual(b[8..13]) && a[14..16].SequenceEqual(b[14..16]) && a[18..].SequenceEqual(b[18..])));
    }

    /// <summary>The sequence number of a TCP packet.</summary>
    public uint Sequence(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[(Transport + 4)..]);

    /// <summary>Whether a TCP packet carries PSH.</summary>
    public bool Pushes(ReadOnlySpan<byte> packet) => IsTcp && (packet[Transport + 13] & Psh) != 0;

    /// <summary>Sets PSH in a TCP packet.</summary>
    public void Push(Span<byte> packet) => packet[Transport + 13] |= Psh;
}
