using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;

namespace Fleethold.SideroLink.Tests.Tunnel;

public class StreamTableTests
{
    private static readonly IPAddress Name = IPAddress.Parse("fdae:41e4:649b:9304::1");
    private static readonly PeerEndpoint Endpoint = PeerEndpoint.Tunnel(Name, 50889);

    private readonly StreamTable _table = new();

    [Fact]
    public void Only_allowed_addresses_get_a_stream_and_the_port_does_not_matter()
    {
        Assert.Null(_table.Open(Endpoint));

        _table.Allow(Name);

        Assert.NotNull(_table.Open(PeerEndpoint.Tunnel(Name, 1)));
    }

    [Fact]
    public void A_full_queue_drops_its_oldest()
    {
        _table.Allow(Name);
        var stream = _table.Open(Endpoint)!;
        for (var i = 0; i < DatagramQueue.Capacity + 20; i++)
        {
            _table.Send(Endpoint, [(byte)i]);
        }

        Assert.Equal(Enumerable.Range(20, DatagramQueue.Capacity).Select(i => (byte)i), Waiting(stream));
    }

    [Fact]
    public void A_datagram_is_copied()
    {
        _table.Allow(Name);
        var stream = _table.Open(Endpoint)!;
        byte[] datagram = [1, 2];

        _table.Send(Endpoint, datagram);
        datagram[0] = 9;

        Assert.True(stream.Queue.TryTake(out var waiting));
        Assert.Equal([1, 2], waiting.Bytes.ToArray());
        waiting.Dispose();
    }

    [Fact]
    public async Task What_waits_passes_on_to_the_stream_that_replaces_another()
    {
        _table.Allow(Name);
        var first = _table.Open(Endpoint)!;
        _table.Send(Endpoint, [1]);

        var second = _table.Open(Endpoint)!;
        _table.Close(first);

        Assert.Equal(StreamEnd.Replaced, await first.Ended);
        Assert.Equal([1], Waiting(second));
        Assert.Equal(1, _table.OpenStreams);
    }

    [Fact]
    public void After_the_end_of_a_stream_datagrams_are_dropped()
    {
        _table.Allow(Name);
        _table.Close(_table.Open(Endpoint)!);
        _table.Send(Endpoint, [1]);

        Assert.Empty(Waiting(_table.Open(Endpoint)!));
        Assert.Equal(1, _table.OpenStreams);
    }

    [Fact]
    public async Task A_revoked_address_loses_its_stream_and_its_right()
    {
        _table.Allow(Name);
        var stream = _table.Open(Endpoint)!;

        _table.Revoke(Name);

        Assert.Equal(StreamEnd.NotAllowed, await stream.Ended);
        Assert.Null(_table.Open(Endpoint));
        Assert.Equal(0, _table.OpenStreams);
    }

    private static List<byte> Waiting(TunnelStream stream)
    {
        var bytes = new List<byte>();
        while (stream.Queue.TryTake(out var datagram))
        {
            bytes.Add(datagram.Bytes.Span[0]);
            datagram.Dispose();
        }

        return bytes;
    }
}
