using System.Net.Sockets;
using Fleethold.SideroLink.Sockets;
using Fleethold.SideroLink.Tun;
using Fleethold.Testing;

namespace Fleethold.SideroLink.Tests.Tun;

/// <summary>The device is a socket here, whose messages are the frames.</summary>
public sealed class TunOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _device;
    private readonly Socket _output;
    private readonly NativeBlock _memory = new(1 << 22);
    private int _used;

    public TunOutputTests()
    {
        _device = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        _output = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendBufferSize = 1 << 20 };
        var endpoint = new UnixDomainSocketEndPoint(_folder.PathOf("device"));
        _device.Bind(endpoint);
        _output.Connect(endpoint);
    }

    public void Dispose()
    {
        _device.Dispose();
        _output.Dispose();
        _folder.Dispose();
        ((IDisposable)_memory).Dispose();
    }

    [Theory]
    [InlineData(11, true)]
    [InlineData(12, false)]
    [InlineData(13, true)]
    public async Task Joined_packets_split_back_into_what_was_written(int seed, bool joinsUdp)
    {
        var random = new Random(seed);
        var written = new List<byte[]>();
        var sequences = new uint[8];
        for (var i = 0; i < 600; i++)
        {
            var flow = random.Next(8);
            var v4 = flow % 2 == 0;
            var payload = new byte[random.Next(10) == 0 ? random.Next(0, 1208) : 1208];
            random.NextBytes(payload);
            if (flow >= 6)
            {
                written.Add(Packets.Udp(v4, flow, payload));
                continue;
            }

            if (random.Next(40) == 0)
            {
                sequences[flow] += 99; // lost on the way
            }

            var flags = (byte)(Packets.Ack | (random.Next(12) == 0 ? Packets.Psh : 0) | (random.Next(50) == 0 ? Packets.Fin : 0));
            written.Add(Packets.Tcp(v4, flow, sequences[flow], flags, payload));
            sequences[flow] += (uint)payload.Length;
        }

        var frames = await Through(joinsUdp, written);

        Assert.True(frames.Count < written.Count / 2, $"{frames.Count} frames for {written.Count} packets");
        var read = frames.SelectMany(Split).ToList();
        Assert.Equal(written.Count, read.Count);
        foreach (var flow in written.GroupBy(Flow))
        {
            Assert.Equal(flow.Select(WithoutId), read.Where(packet => Flow(packet) == flow.Key).Select(WithoutId));
        }
    }

    [Fact]
    public async Task A_run_of_one_flow_is_one_write()
    {
        var packets = Enumerable.Range(0, 50).Select(i => Packets.Tcp(false, 1, (uint)(i * 1208), Packets.Ack, new byte[1208])).ToList();

        var frames = await Through(joinsUdp: true, packets);

        var header = VirtioHeader.Read(Assert.Single(frames));
        Assert.Equal(new VirtioHeader(VirtioHeader.NeedsChecksum, VirtioHeader.Tcp6, 72, 1208, 40, 16), header);
    }

    [Fact]
    public async Task What_differs_in_more_than_data_is_not_joined()
    {
        var first = Packets.Tcp(false, 1, 0, Packets.Ack, new byte[100]);
        List<byte[]> others =
        [
            Packets.Tcp(false, 1, 101, Packets.Ack, new byte[100]), // a gap
            Packets.Tcp(false, 1, 100, Packets.Ack, new byte[101]), // longer than the first
            Packets.Tcp(false, 1, 100, Packets.Ack | Packets.Fin, new byte[100]),
            Packets.Tcp(false, 1, 100, Packets.Ack, new byte[100], options: 8),
            Changed(Packets.Tcp(false, 1, 100, Packets.Ack, new byte[100]), 1, 0x10), // congestion experienced
            Changed(Packets.Tcp(false, 1, 100, Packets.Ack, new byte[100]), 7, 63), // hop limit
            Changed(Packets.Tcp(false, 1, 100, Packets.Ack, new byte[100]), 48, 1), // acknowledges something else
        ];
        foreach (var other in others)
        {
            Assert.Equal(2, (await Through(joinsUdp: true, [first.ToArray(), other])).Count);
        }
    }

    [Fact]
    public async Task Nothing_is_joined_across_a_flush_or_behind_a_push_or_a_short_packet()
    {
        byte[] Data(uint at, int length, byte flags = Packets.Ack) => Packets.Tcp(false, 1, at, flags, new byte[length]);

        Assert.Equal(2, (await Through(true, [Data(0, 100)], [Data(100, 100)])).Count);
        Assert.Equal(2, (await Through(true, [Data(0, 100, Packets.Ack | Packets.Psh), Data(100, 100)])).Count);
        Assert.Equal(2, (await Through(true, [Data(0, 100), Data(100, 50), Data(150, 50)])).Count);
        var joined = Assert.Single(await Through(true, [Data(0, 100), Data(100, 50, Packets.Ack | Packets.Psh)]));
        Assert.Equal(Packets.Ack | Packets.Psh, joined[VirtioHeader.Length + 40 + 13]);
    }

    private static byte[] Changed(byte[] packet, int at, byte value)
    {
        packet[at] = value;
        Packets.Finish(packet);
        return packet;
    }

    private static (int, ulong) Flow(byte[] packet)
    {
        var transport = packet[0] >> 4 == 4 ? 20 : 40;
        return (transport, BitConverter.ToUInt32(packet, transport));
    }

    // Joining IPv4 packets numbers them anew, as the kernel's GRO may.
    private static string WithoutId(byte[] packet)
    {
        var copy = packet.ToArray();
        if (copy[0] >> 4 == 4)
        {
            copy[4] = copy[5] = copy[10] = copy[11] = 0;
        }

        return Convert.ToHexString(copy);
    }

    private static List<byte[]> Split(byte[] frame)
    {
        var segments = new List<byte[]>();
        Assert.True(SuperPacket.TryRead(frame, out var packet));
        for (var i = 0; i < packet.Count; i++)
        {
            var segment = new byte[packet.LengthOf(i)];
            packet.Write(i, segment);
            segments.Add(segment);
        }

        return segments;
    }

    private async Task<List<byte[]>> Through(bool joinsUdp, params List<byte[]>[] batches)
    {
        using var output = new TunOutput((int)_output.Handle, joinsUdp, null);
        using var end = new CancellationTokenSource(Deadline.Length);
        var frames = new List<byte[]>();
        var reading = Task.Run(
            async () =>
            {
                var buffer = new byte[70_000];
                while (await _device.ReceiveAsync(buffer, end.Token) is var length && length > 1)
                {
                    frames.Add(buffer[..length]);
                }
            },
            end.Token);
        foreach (var batch in batches)
        {
            foreach (var packet in batch)
            {
                output.Write(Native(packet));
            }

            output.Flush();
        }

        _output.Send([0]);
        await Deadline.Within(reading);
        Assert.Equal(0, output.Dropped);
        _used = 0;
        return frames;
    }

    private Memory<byte> Native(byte[] packet)
    {
        var memory = _memory.Memory.Slice(_used, packet.Length);
        packet.CopyTo(memory);
        _used += packet.Length;
        return memory;
    }
}
