using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Tests.Engine;

public sealed class LoadTests
{
    private static readonly CoreOptions AlwaysLoaded = new() { Seed = 2, HandshakeBudget = TimeSpan.Zero };

    private static readonly CoreOptions Queued = new() { Seed = 2, HandshakeQueueCapacity = 16 };

    [Fact]
    public void Under_load_an_initiation_is_answered_by_a_cookie_and_its_retry_carries_the_proof()
    {
        using var pair = new Pair(b: AlwaysLoaded);
        pair.A.SendTo(pair.B);
        pair.Deliver();
        Assert.Equal(1, pair.Logged(pair.B, MessageType.CookieReply));
        Assert.Equal(0, pair.Logged(pair.B, MessageType.Response));
        Assert.Equal(1, pair.B.Core.Counters.CookiesSent);
        Assert.Equal(PeerEndpoint.None, pair.PeerOfB.Endpoint);
        pair.Pass(4.9);
        Assert.Equal(1, pair.Logged(pair.A, MessageType.Initiation));
        pair.Pass(1);
        Assert.True(pair.PeerOfB.Connected);
        Assert.Single(pair.B.Packets);
    }

    [Fact]
    public void A_response_is_subject_to_cookies_too()
    {
        using var pair = new Pair(a: AlwaysLoaded with { Seed = 1 });
        pair.A.SendTo(pair.B);
        pair.Deliver();
        Assert.Equal(1, pair.Logged(pair.A, MessageType.CookieReply));
        Assert.False(pair.PeerOfA.Connected);
        pair.Pass(6);
        Assert.True(pair.PeerOfA.Connected);
    }

    [Fact]
    public void A_cookie_is_good_for_its_address_and_120_seconds_only()
    {
        using var pair = new Pair(b: AlwaysLoaded);
        pair.A.SendTo(pair.B);
        pair.Deliver();
        var endpoint = pair.A.Endpoint;
        pair.A.Endpoint = PeerEndpoint.Udp(IPAddress.Parse("192.0.2.99"), 51820);
        pair.Pass(6);
        Assert.Equal(2, pair.B.Core.Counters.CookiesSent);
        Assert.False(pair.PeerOfB.Connected);
        pair.A.Endpoint = endpoint;
        pair.Pass(11);
        Assert.True(pair.PeerOfB.Connected);

        pair.Pass(121);
        pair.Forget();
        pair.A.SendTo(pair.B);
        pair.Pass(0.3);
        Assert.Equal(1, pair.Logged(pair.B, MessageType.CookieReply));
    }

    [Fact]
    public void Forged_cookies_are_dropped()
    {
        using var pair = new Pair(b: AlwaysLoaded);
        pair.A.SendTo(pair.B);
        pair.B.Receive(pair.A.Sent.Single().Bytes, pair.A.Endpoint);
        pair.A.Sent.Clear();
        var reply = pair.B.Sent.Single().Bytes;
        pair.B.Sent.Clear();
        reply[40] ^= 1;
        pair.A.Receive(reply, pair.B.Endpoint);
        Assert.Equal(1, pair.A.Core.Counters[DropReason.NotAuthentic]);
        pair.Pass(6);
        Assert.Equal(2, pair.B.Core.Counters.CookiesSent);
    }

    [Fact]
    public void A_tunnel_needs_no_cookie()
    {
        using var pair = new Pair(b: AlwaysLoaded);
        pair.A.Endpoint = PeerEndpoint.Tunnel(IPAddress.Parse("fdae:41e4:649b:9304::7"), 50889);
        pair.A.SendTo(pair.B);
        pair.Deliver();
        Assert.Single(pair.B.Packets);
    }

    [Fact]
    public void The_queue_takes_handshakes_off_the_data_path_and_gives_out_the_newest_first()
    {
        using var pair = new Pair(b: Queued);
        pair.A.SendTo(pair.B);
        pair.Deliver();
        Assert.Equal(0, pair.Logged(pair.B, MessageType.Response));
        Assert.True(pair.B.Core.Handshakes!.Wait(TimeSpan.Zero));
        pair.Pass(5.5);
        Assert.Equal(2, pair.B.Core.Handshakes!.Count);
        Assert.Equal(1, pair.B.Core.ServeHandshakes(1, pair.B));
        pair.Deliver();
        Assert.Equal(0, pair.B.Core.ServeHandshakes(9, pair.B));
        Assert.Equal(1, pair.B.Core.Counters[DropReason.TooOld]);
        Assert.Single(pair.B.Packets);
        Assert.False(pair.B.Core.Handshakes!.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void A_full_queue_drops_the_oldest_stranger_before_a_known_address()
    {
        using var pair = new Pair(b: Queued, serverKnowsEndpoint: true);
        pair.A.SendTo(pair.B);
        pair.Deliver();
        for (var i = 0; i < 40; i++)
        {
            pair.B.Receive([1, 0, 0, 0, .. new byte[144]], PeerEndpoint.Udp(IPAddress.Parse("198.51.100.1"), 1000 + i));
        }

        Assert.Equal(16, pair.B.Core.Handshakes!.Count);
        Assert.Equal(25, pair.B.Core.Counters[DropReason.QueueFull]);
        pair.B.Core.ServeHandshakes(1, pair.B);
        Assert.Equal(1, pair.B.Count(MessageType.Response));
        Assert.Equal(15, pair.B.Core.ServeHandshakes(99, pair.B));
        Assert.Equal(15, pair.B.Core.Counters[DropReason.WrongMac1]);
    }

    [Fact]
    public void Load_is_work_that_waits_and_lasts_a_second()
    {
        // 0.2 ms are guessed for each message.
        using var pair = new Pair(b: Queued with { HandshakeBudget = TimeSpan.FromMilliseconds(1) });
        for (var i = 0; i < 7; i++)
        {
            pair.B.Receive([1, 0, 0, 0, .. new byte[144]], pair.A.Endpoint);
        }

        pair.A.SendTo(pair.B);
        pair.Deliver();
        pair.B.Core.ServeHandshakes(1, pair.B);
        Assert.Equal(1, pair.B.Count(MessageType.CookieReply));
        pair.B.Core.ServeHandshakes(9, pair.B);
        pair.B.Sent.Clear();
        pair.Clock.Advance(TimeSpan.FromSeconds(5.5));
        pair.A.Core.Tick(pair.A);
        pair.Deliver();
        pair.B.Core.ServeHandshakes(1, pair.B);
        Assert.Equal(1, pair.B.Count(MessageType.Response));
        Assert.Equal(1, pair.B.Core.Counters.CookiesSent);
    }

    [Fact]
    public void The_limit_per_address_grows_with_the_peers_known_there()
    {
        var limiter = new AddressLimiter(capacity: 10);
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => limiter.TryTake(1, peers: 0, now: 5_000)));
        Assert.Equal(105, Enumerable.Range(0, 1000).Count(_ => limiter.TryTake(2, peers: 100, now: 5_000)));
        Assert.Equal(5, Enumerable.Range(0, 100).Count(i => limiter.TryTake(1, peers: 0, now: 5_250)));
        Assert.Equal(30, Enumerable.Range(0, 100).Count(i => limiter.TryTake(2, peers: 100, now: 5_250)));
    }

    [Fact]
    public void The_table_of_limited_addresses_is_bounded_and_forgets()
    {
        var limiter = new AddressLimiter(capacity: 10);
        Assert.Equal(10, Enumerable.Range(0, 100).Count(i => limiter.TryTake((UInt128)i, peers: 0, now: 5_000)));
        Assert.True(limiter.TryTake(1_000, peers: 0, now: 6_100));
    }

    [Fact]
    public void An_IPv6_network_of_64_bits_an_IPv4_address_and_a_tunnel_are_one_source_each()
    {
        static UInt128 Source(string address, bool tunnel = false) => AddressLimiter.SourceOf(
            tunnel ? PeerEndpoint.Tunnel(IPAddress.Parse(address), 1) : PeerEndpoint.Udp(IPAddress.Parse(address), 1));
        Assert.Equal(Source("2001:db8::1"), Source("2001:db8::ffff:1"));
        Assert.NotEqual(Source("2001:db8::1"), Source("2001:db8:0:1::1"));
        Assert.NotEqual(Source("192.0.2.1"), Source("192.0.2.2"));
        Assert.NotEqual(Source("fdae::1", tunnel: true), Source("fdae::2", tunnel: true));
    }
}
