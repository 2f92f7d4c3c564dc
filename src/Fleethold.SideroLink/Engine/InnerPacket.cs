using System.Buffers.Binary;

namespace Fleethold.SideroLink.Engine;

/// <summary>What an opened packet must be to be let in (reference/wireguard.md 1.7 and 2, fact 12).</summary>
internal static class InnerPacket
{
    private const int Ipv4Header = 20;
    private const int Ipv6Header = 40;
    private const int FilterMinimum = 54;
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const byte Icmpv6 = 58;

    /// <summary>Null when the packet may enter, with its length without padding; else why not.</summary>
    public static DropReason? Check(ReadOnlySpan<byte> padded, Peer peer, out int length)
    {
        length = 0;
        switch (padded[0] >> 4)
        {
            case 4:
                length = padded.Length >= Ipv4Header ? BinaryPrimitives.ReadUInt16BigEndian(padded[2..]) : 0;

                // A peer has one IPv6 address, so no IPv4 source is its own.
                return length < Ipv4Header || length > padded.Length ? DropReason.BadPacket : DropReason.WrongSource;
            case 6:
                length = padded.Length >= Ipv6Header ? BinaryPrimitives.ReadUInt16BigEndian(padded[4..]) + Ipv6Header : 0;
                if (length == 0 || length > padded.Length)
                {
                    return DropReason.BadPacket;
                }

                if (peer.Removed || BinaryPrimitives.ReadUInt128BigEndian(padded[8..]) != peer.Address)
                {
                    return DropReason.WrongSource;
                }

                var identity = peer.Identity;
                return identity.Filter == InputFilter.None || (
                    length >= FilterMinimum && padded[6] is Tcp or Udp or Icmpv6 && BinaryPrimitives.ReadUInt128BigEndian(padded[24..]) == identity.Address)
                    ? null
                    : DropReason.Filtered;
            default:
                return DropReason.BadPacket;
        }
    }
}
