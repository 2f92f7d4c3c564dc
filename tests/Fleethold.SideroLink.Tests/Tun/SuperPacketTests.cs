using Fleethold.SideroLink.Tun;

namespace Fleethold.SideroLink.Tests.Tun;

public sealed class SuperPacketTests
{
    [Fact]
    public void A_checksum_equals_the_plain_sum_for_every_length()
    {
        var random = new Random(1);
        for (var length = 0; length < 3000; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            if (length % 7 == 0)
            {
                Array.Fill(bytes, (byte)0xff);
            }

            var stored = new byte[2];
            Checksum.Store(stored, Checksum.Finish(Checksum.Add(bytes)));
            Assert.Equal(Packets.Plain(bytes), (ushort)((stored[0] << 8) | stored[1]));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tcp_super_packet_splits_into_what_a_sender_without_offload_would_send(bool v4)
    {
        var random = new Random(2);
        for (var round = 0; round < 200; round++)
        {
            var size = random.Next(1, 1400);
            var payload = new byte[random.Next(size + 1, Math.Min(64_000, size * 60))];
            random.NextBytes(payload);
            var options = random.Next(0, 11) * 4;
            var sequence = (uint)random.NextInt64(uint.MaxValue);
            var id = (ushort)random.Next(65_536);
            var flags = (byte)(Packets.Ack | (round % 3 == 0 ? Packets.Psh : 0) | (round % 5 == 0 ? Packets.Fin : 0));
            var frame = Packets.Frame(Packets.Tcp(v4, 3, sequence, flags, payload, options, id), v4 ? VirtioHeader.Tcp4 : VirtioHeader.Tcp6, size);

            Assert.True(SuperPacket.TryRead(frame, out var packet));
            Assert.Equal((payload.Length + size - 1) / size, packet.Count);
            for (var i = 0; i < packet.Count; i++)
            {
                var last = i == packet.Count - 1;
                var part = payload.AsSpan(i * size, last ? payload.Length - (i * size) : size);
                var expected = Packets.Tcp(v4, 3, sequence + (uint)(i * size), last ? flags : Packets.Ack, part, options, (ushort)(id + i));
                var actual = new byte[packet.LengthOf(i)];
                packet.Write(i, actual);
                Assert.Equal(expected, actual);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_udp_super_packet_splits_into_datagrams(bool v4)
    {
        var random = new Random(3);
        for (var round = 0; round < 100; round++)
        {
            var size = random.Next(1, 1200);
            var payload = new byte[random.Next(size + 1, size * 50)];
            random.NextBytes(payload);
            var frame = Packets.Frame(Packets.Udp(v4, 1, payload), VirtioHeader.Udp, size);

            Assert.True(SuperPacket.TryRead(frame, out var packet));
            for (var i = 0; i < packet.Count; i++)
            {
                var part = payload.AsSpan(i * size, Math.Min(size, payload.Length - (i * size)));
                var actual = new byte[packet.LengthOf(i)];
                packet.Write(i, actual);
                Assert.Equal(Packets.Udp(v4, 1, part, (ushort)i), actual);
            }
        }
    }

    [Fact]
    public void A_single_packet_without_checksum_gets_it()
    {
        var whole = Packets.Udp(v4: false, 4, "some payload"u8);
        var frame = Packets.Frame(whole, VirtioHeader.Udp, 0);
        frame[1] = 0;

        Assert.True(SuperPacket.TryRead(frame, out var packet));
        Assert.Equal(1, packet.Count);
        Assert.Equal(whole, packet.Packet.ToArray());
    }

    [Fact]
    public void Frames_of_any_bytes_are_refused_or_split_without_a_fault()
    {
        var random = new Random(4);
        var accepted = 0;
        for (var round = 0; round < 200_000; round++)
        {
            var frame = new byte[random.Next(0, 160)];
            random.NextBytes(frame);
            if (frame.Length > 12 && round % 2 == 0)
            {
                frame[1] = (byte)random.Next(0, 6);
                frame[6] = (byte)(random.Next(2) == 0 ? 20 : 40);
                frame[7] = frame[5] = 0;
                frame[10] = (byte)(random.Next(2) == 0 ? 0x45 : 0x60);
            }

            if (SuperPacket.TryRead(frame, out var packet))
            {
                accepted++;
                for (var i = 0; i < packet.Count; i++)
                {
                    packet.Write(i, new byte[packet.LengthOf(i)]);
                }
            }
        }

        Assert.InRange(accepted, 100, 200_000);
    }
}
