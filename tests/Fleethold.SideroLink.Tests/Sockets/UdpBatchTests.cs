using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Sockets;
using Fleethold.SideroLink.Tunnel;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.SideroLink.Tests.Sockets;

public sealed class UdpBatchTests
{
    [Fact]
    public void Datagrams_of_all_lengths_to_several_endpoints_arrive_whole_and_in_order()
    {
        using var sender = Open();
        using var one = Open();
        using var other = Open();
        using var output = new UdpOutput(sender.V4, sender.V6, null, null, UdpOutput.DataRoom);
        List<(PeerEndpoint To, int Socket)> targets =
        [
            (PeerEndpoint.Udp(IPAddress.Loopback, one.Port), one.V4),
            (PeerEndpoint.Udp(IPAddress.IPv6Loopback, one.Port), one.V6),
            (PeerEndpoint.Udp(IPAddress.Loopback, other.Port), other.V4),
        ];
        var random = new Random(5);
        var sent = targets.ConvertAll(_ => new List<string>());
        for (var i = 0; i < 900;)
        {
            var target = random.Next(targets.Count);
            var length = random.Next(3) == 0 ? random.Next(1, 1400) : 1312;
            for (var run = random.Next(1, 90); run > 0; run--, i++)
            {
                var payload = new byte[run == 1 ? random.Next(1, length + 1) : length];
                random.NextBytes(payload);
                payload.CopyTo(output.Reserve(targets[target].To, payload.Length + 40));
                output.Commit(payload.Length);
                sent[target].Add(Convert.ToHexString(payload));
            }
        }

        output.Flush();

        Assert.Equal(0, output.Dropped);
        for (var i = 0; i < targets.Count; i++)
        {
            using var receiver = new UdpReceiver(targets[i].Socket);
            var received = new List<string>();
            while (receiver.TryFill())
            {
                while (receiver.TryNext(out var datagram, out var from))
                {
                    received.Add(Convert.ToHexString(datagram.Span));
                    Assert.Equal(sender.Port, from.Port);
                    Assert.True(IPAddress.IsLoopback(from.ToAddress()));
                }
            }

            Assert.Equal(sent[i], received);
        }
    }

    [Fact]
    public void A_datagram_that_cannot_be_sent_does_not_stop_the_others()
    {
        using var sender = Open();
        using var target = Open();
        using var output = new UdpOutput(sender.V4, -1, null, null, UdpOutput.DataRoom);
        var good = PeerEndpoint.Udp(IPAddress.Loopback, target.Port);
        PeerEndpoint[] order =
        [
            good, PeerEndpoint.Udp(IPAddress.IPv6Loopback, target.Port), good, PeerEndpoint.Udp(IPAddress.Broadcast, 9), good, PeerEndpoint.None, good,
        ];
        foreach (var to in order)
        {
            output.Reserve(to, 10).Fill(7);
            output.Commit(10);
        }

        output.Flush();

        Assert.Equal(3, output.Dropped);
        Assert.Equal(4, Drain(target.V4));
    }

    [Fact]
    public void A_run_that_does_not_fit_the_path_leaves_plain()
    {
        // Segments of 60,000 bytes can't be cut by the kernel on a path of 65,536, but two of them can't be one message either.
        using var sender = Open();
        using var target = Open();
        using var output = new UdpOutput(sender.V4, sender.V6, null, null, UdpOutput.DataRoom);
        var to = PeerEndpoint.Udp(IPAddress.Loopback, target.Port);
        for (var i = 0; i < 6; i++)
        {
            output.Reserve(to, 60_000).Fill((byte)i);
            output.Commit(60_000);
        }

        output.Flush();

        Assert.Equal(0, output.Dropped);
        Assert.Equal(6, Drain(target.V4));
    }

    [Fact]
    public void Datagrams_to_tunnels_go_to_the_carrier()
    {
        var carrier = new Recording();
        using var output = new UdpOutput(-1, -1, carrier, null, UdpOutput.DataRoom);
        var to = PeerEndpoint.Tunnel(IPAddress.Parse("fdae:41e4:649b:9304::7"), 50889);

        "hello"u8.CopyTo(output.Reserve(to, 100));
        output.Commit(5);
        output.Flush();

        Assert.Equal((to, "68656C6C6F"), Assert.Single(carrier.Sent));
    }

    [Fact]
    public void The_bandwidth_limit_holds_for_both_directions_together()
    {
        var clock = new FakeTimeProvider();
        var limit = new BandwidthLimit(1000, 500, clock);

        Assert.True(limit.AllowOutbound(300));
        Assert.True(limit.AllowInbound(200));
        Assert.False(limit.AllowOutbound(1));
        Assert.False(limit.AllowInbound(1));
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(limit.AllowInbound(100));
        Assert.False(limit.AllowInbound(1));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.True(limit.AllowOutbound(500));
        Assert.False(limit.AllowOutbound(1));
        Assert.Equal((2, 2), (limit.DroppedInbound, limit.DroppedOutbound));
    }

    private static UdpSockets Open() => UdpSockets.Open([new(IPAddress.Loopback, 0), new(IPAddress.IPv6Loopback, 0)], 1);

    private static int Drain(int socket)
    {
        using var receiver = new UdpReceiver(socket);
        var count = 0;
        while (receiver.TryFill())
        {
            while (receiver.TryNext(out _, out _))
            {
                count++;
            }
        }

        return count;
    }

    private sealed class Recording : IStreamCarrier
    {
        public List<(PeerEndpoint To, string Datagram)> Sent { get; } = [];

        public void Send(in PeerEndpoint to, ReadOnlySpan<byte> datagram) => Sent.Add((to, Convert.ToHexString(datagram)));
    }
}
