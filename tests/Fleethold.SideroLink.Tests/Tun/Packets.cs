using System.Buffers.Binary;
using Fleethold.SideroLink.Tun;

namespace Fleethold.SideroLink.Tests.Tun;

/// <summary>Makes packets for tests, with the checksum of RFC 1071 summed the plain way.</summary>
internal static class Packets
{
    public const byte Ack = 0x10;
    public const byte Psh = 0x08;
    public const byte Fin = 0x01;

    public static byte[] Tcp(bool v4, int flow, uint sequence, byte flags, ReadOnlySpan<byte> payload, int options = 12, ushort id = 0)
    {
        var packet = Ip(v4, 6, flow, 20 + options + payload.Length, id);
        var tcp = packet.AsSpan(v4 ? 20 : 40);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)(40_000 + flow));
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 443);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], 77);
        tcp[12] = (byte)((20 + options) / 4 << 4);
        tcp[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 512);
        tcp.Slice(20, options).Fill(1);
        payload.CopyTo(tcp[(20 + options)..]);
        Finish(packet);
        return packet;
    }

    public static byte[] Udp(bool v4, int flow, ReadOnlySpan<byte> payload, ushort id = 0)
    {
        var packet = Ip(v4, 17, flow, 8 + payload.Length, id);
        var udp = packet.AsSpan(v4 ? 20 : 40);
        BinaryPrimitives.WriteUInt16BigEndian(udp, (ushort)(50_000 + flow));
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], 53);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        payload.CopyTo(udp[8..]);
        Finish(packet);
        return packet;
    }

    /// <summary>A frame as the kernel hands out a super packet: one packet, its transport checksum that of the pseudo-header.</summary>
    public static byte[] Frame(byte[] whole, byte kind, int segmentSize)
    {
        var v4 = whole[0] >> 4 == 4;
        var transport = v4 ? 20 : 40;
        var tcp = kind != VirtioHeader.Udp;
        var offset = (ushort)(tcp ? 16 : 6);
        var copy = whole.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(transport + offset), (ushort)~Plain(Pseudo(copy)));
        var frame = new byte[VirtioHeader.Length + copy.Length];
        new VirtioHeader(VirtioHeader.NeedsChecksum, kind, 0, (ushort)segmentSize, (ushort)transport, offset).Write(frame);
        copy.CopyTo(frame, VirtioHeader.Length);
        return frame;
    }

    /// <summary>The checksum of some bytes, word by word.</summary>
    public static ushort Plain(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            sum += (uint)(i % 2 == 0 ? bytes[i] << 8 : bytes[i]);
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    /// <summary>Writes the checksums of a packet whose other fields are right.</summary>
    public static void Finish(Span<byte> packet)
    {
        var v4 = packet[0] >> 4 == 4;
        var transport = v4 ? 20 : 40;
        var udp = packet[v4 ? 9 : 6] == 17;
        if (v4)
        {
            packet.Slice(10, 2).Clear();
            BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Plain(packet[..20]));
        }

        var field = packet[(transport + (udp ? 6 : 16))..];
        field[..2].Clear();
        var sum = Plain([.. Pseudo(packet), .. packet[transport..]]);
        BinaryPrimitives.WriteUInt16BigEndian(field, sum == 0 && udp ? ushort.MaxValue : sum);
    }

    private static byte[] Pseudo(ReadOnlySpan<byte> packet)
    {
        var v4 = packet[0] >> 4 == 4;
        var transport = v4 ? 20 : 40;
        var length = packet.Length - transport;
        return [.. v4 ? packet[12..20] : packet[8..40], 0, packet[v4 ? 9 : 6], (byte)(length >> 8), (byte)length];
    }

    private static byte[] Ip(bool v4, byte protocol, int flow, int length, ushort id)
    {
        var packet = new byte[(v4 ? 20 : 40) + length];
        if (v4)
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), id);
            packet[6] = 0x40;
            packet[8] = 64;
            packet[9] = protocol;
            new byte[] { 10, 0, 0, 1, 10, 0, (byte)flow, 2 }.CopyTo(packet, 12);
        }
        else
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)length);
            packet[6] = protocol;
            packet[7] = 64;
            packet[8] = packet[24] = 0xfd;
            packet[23] = 1;
            packet[39] = (byte)(2 + flow);
        }

        return packet;
    }
}
