using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Tests.Engine;

public sealed class TimerTests
{
    [Fact]
    public void The_initiator_renews_the_session_when_it_sends_after_120_seconds()
    {
        using var pair = new Pair().Connected();
        pair.Pass(119);
        pair.A.SendTo(pair.B);
        pair.Pass(0.5);
        Assert.Equal(0, pair.Logged(pair.A, MessageType.Initiation));
        pair.Pass(1);
        pair.A.SendTo(pair.B);
        pair.Pass(0.5);
        Assert.Equal(1, pair.Logged(pair.A, MessageType.Initiation));
        Assert.Equal(2, pair.B.Core.Counters.Handshakes);
        Assert.Equal(2, pair.B.Packets.Count);
    }

    [Fact]
    public void The_responder_never_renews_by_age()
    {
        using var pair = new Pair().Connected();
        for (var i = 0; i < 17; i++)
        {
            pair.Pass(10);
            pair.B.SendTo(pair.A);
            if (i < 15)
            {
                pair.Deliver();
            }

            pair.A.Sent.Clear();
        }

        Assert.Equal(0, pair.Logged(pair.B, MessageType.Initiation));
    }

    [Fact]
    public void The_initiator_renews_once_when_it_receives_after_165_seconds()
    {
        // A sends only keepalives, which renew too; so they are kept from it here by looking at what receiving does at once.
        using var pair = new Pair().Connected();
        pair.Pass(9);
        pair.Clock.Advance(TimeSpan.FromSeconds(155));
        pair.B.SendTo(pair.A);
        Assert.Equal(1, pair.B.Count(MessageType.Transport));
        pair.A.Receive(Take(pair.B), pair.B.Endpoint);
        Assert.Equal(0, pair.A.Count(MessageType.Initiation));
        pair.Clock.Advance(TimeSpan.FromSeconds(2));
        pair.B.SendTo(pair.A);
        pair.A.Receive(Take(pair.B), pair.B.Endpoint);
        Assert.Equal(1, pair.A.Count(MessageType.Initiation));
        pair.Clock.Advance(TimeSpan.FromSeconds(6));
        pair.B.SendTo(pair.A);
        pair.A.Receive(Take(pair.B), pair.B.Endpoint);
        Assert.Equal(1, pair.A.Count(MessageType.Initiation));
    }

    [Fact]
    public void A_session_neither_sends_nor_receives_from_180_seconds_on()
    {
        using var pair = new Pair().Connected();
        pair.A.SendTo(pair.B);
        var late = Take(pair.A);
        pair.Clock.Advance(TimeSpan.FromSeconds(180));
        Assert.False(pair.PeerOfA.Connected);
        pair.B.Receive(late, pair.A.Endpoint);
        Assert.Empty(pair.B.Packets);
        Assert.Equal(1, pair.B.Core.Counters[DropReason.ExpiredSession]);
        pair.A.SendTo(pair.B);
        Assert.Equal(1, pair.A.Count(MessageType.Initiation));
        Assert.Equal(0, pair.A.Count(MessageType.Transport));
    }

    [Fact]
    public void Everything_is_wiped_540_seconds_after_the_last_session_was_derived()
    {
        using var pair = new Pair().Connected();
        pair.Pass(539);
        Assert.NotNull(pair.PeerOfA.Sessions.Current);
        Assert.Equal(1, pair.A.Core.Indices.Count);
        pair.Pass(2);
        Assert.Null(pair.PeerOfA.Sessions.Current);
        Assert.Null(pair.PeerOfB.Sessions.Current);
        Assert.Equal(0, pair.A.Core.Indices.Count);
        Assert.Equal(0, pair.B.Core.Indices.Count);
        Assert.Null(pair.A.Core.NextDeadline);
    }

    [Fact]
    public void Data_that_gets_no_answer_is_acknowledged_by_a_keepalive_after_10_seconds()
    {
        using var pair = new Pair().Connected();
        pair.Pass(12);
        pair.Forget();
        pair.A.SendTo(pair.B);
        pair.Pass(9.5);
        Assert.Equal(0, pair.Logged(pair.B, MessageType.Transport));
        pair.Pass(1);
        Assert.Equal(1, pair.Logged(pair.B, MessageType.Transport));
        Assert.Equal(32, pair.Log.Last().Length);
        Assert.Empty(pair.A.Packets);
        pair.Pass(30);
        Assert.Equal(1, pair.Logged(pair.B, MessageType.Transport));
    }

    [Fact]
    public void Data_that_keeps_coming_is_acknowledged_again_and_an_answer_takes_the_place_of_a_keepalive()
    {
        using var pair = new Pair().Connected();
        for (var i = 0; i < 5; i++)
        {
            pair.A.SendTo(pair.B);
            pair.Pass(4);
        }

        // The packet that brought the session about armed the first one.
        Assert.Equal(2, pair.Logged(pair.B, MessageType.Transport));
        pair.Pass(20);
        pair.Forget();
        pair.A.SendTo(pair.B);
        pair.Pass(5);
        pair.B.SendTo(pair.A);
        pair.Pass(9);
        Assert.Equal(1, pair.Logged(pair.B, MessageType.Transport));
    }

    [Fact]
    public void A_persistent_keepalive_is_sent_at_once_and_every_25_seconds()
    {
        using var pair = new Pair(keepaliveA: 25);
        pair.Pass(0.2);
        Assert.True(pair.PeerOfB.Connected);
        pair.Forget();
        pair.Pass(24.5);
        Assert.Empty(pair.Log);
        pair.Pass(1);
        Assert.Single(pair.Log, entry => entry.Type == MessageType.Transport && entry.Length == 32);
        pair.Pass(75);
        Assert.Equal(4, pair.Log.Count);
        pair.Pass(300);
        Assert.True(pair.PeerOfA.Connected);
        Assert.True(pair.PeerOfB.Connected);
    }

    [Fact]
    public void Any_packet_postpones_the_persistent_keepalive()
    {
        using var pair = new Pair(keepaliveA: 25);
        pair.Pass(1);
        pair.Pass(20);
        pair.Forget();
        pair.A.SendTo(pair.B);
        pair.Pass(9);
        Assert.Single(pair.Log);
    }

    [Fact]
    public void An_initiation_without_answer_is_sent_20_times_5_seconds_and_jitter_apart()
    {
        using var pair = new Pair { Loses = (_, _) => true };
        pair.A.SendTo(pair.B);
        pair.Pass(180);
        var times = pair.Log.Select(entry => entry.At.TotalMilliseconds).ToArray();
        Assert.Equal(20, times.Length);
        var gaps = times.Zip(times.Skip(1), (first, second) => second - first).ToArray();
        Assert.All(gaps, gap => Assert.InRange(gap, 5_000, 5_500));
        Assert.True(gaps.Distinct().Count() > 1);
        Assert.Equal(1, pair.A.Core.Counters[DropReason.StagedDropped]);
        Assert.Empty(pair.B.Packets);
    }

    [Fact]
    public void New_demand_starts_the_attempts_anew()
    {
        using var pair = new Pair { Loses = (_, _) => true };
        pair.A.SendTo(pair.B);
        pair.Pass(60);
        pair.A.SendTo(pair.B);
        pair.Pass(200);
        Assert.InRange(pair.Log.Count, 30, 33);
    }

    [Fact]
    public void Two_initiations_are_never_less_than_5_seconds_apart()
    {
        using var pair = new Pair { Loses = (_, _) => true };
        for (var i = 0; i < 50; i++)
        {
            pair.A.SendTo(pair.B);
            pair.Pass(0.1);
        }

        Assert.Single(pair.Log);
    }

    [Fact]
    public void A_machine_that_hears_nothing_for_15_seconds_after_it_sent_data_shakes_hands_anew()
    {
        using var pair = new Pair().Connected();
        pair.Pass(12);
        pair.Loses = (from, type) => from == pair.B && type == MessageType.Transport;
        pair.Forget();
        pair.A.SendTo(pair.B);
        pair.Pass(14.9);
        Assert.Equal(0, pair.Logged(pair.A, MessageType.Initiation));
        pair.Pass(0.8);
        Assert.Equal(1, pair.Logged(pair.A, MessageType.Initiation));
    }

    [Fact]
    public void A_server_that_lost_its_sessions_is_found_again_by_a_machine_that_sends()
    {
        using var pair = new Pair(keepaliveA: 25).Connected();
        pair.B.Identity.Remove(pair.A.Identity.PublicKey);
        var peer = pair.B.Knows(pair.A, keepalive: 25, endpoint: false);
        pair.Pass(20);
        pair.A.SendTo(pair.B);
        pair.Pass(16);
        Assert.True(peer.Connected);
    }

    [Fact]
    public void A_remembered_endpoint_is_dialled_once_after_a_part_of_the_spread()
    {
        using var pair = new Pair(
            b: new CoreOptions { Seed = 3, InitiationSpread = TimeSpan.FromSeconds(5) }, keepaliveB: 25, serverKnowsEndpoint: true);
        Assert.InRange(pair.B.Core.NextDeadline!.Value.TotalSeconds, 0, 5.1);
        pair.Pass(6);
        Assert.Equal(1, pair.Logged(pair.B, MessageType.Initiation));
        Assert.True(pair.PeerOfB.Connected);
    }

    [Fact]
    public void Counters_that_run_out_renew_the_session_in_time_and_then_end_it()
    {
        using var pair = new Pair().Connected();
        pair.Pass(6);
        pair.PeerOfA.Sessions.Current!.Sent = Session.RekeyAfterMessages + 1;
        pair.A.SendTo(pair.B);
        pair.Pass(0.3);
        Assert.Equal(1, pair.Logged(pair.A, MessageType.Initiation));

        pair.PeerOfA.Sessions.Current!.Sent = ReplayWindow.Limit - 1;
        pair.A.SendTo(pair.B);
        Assert.Equal(1, pair.A.Count(MessageType.Transport));
        pair.A.SendTo(pair.B);
        Assert.Equal(1, pair.A.Count(MessageType.Transport));
    }

    private static byte[] Take(Side side)
    {
        var bytes = side.Sent.First(datagram => Message.TypeOf(datagram.Bytes) == MessageType.Transport).Bytes;
        side.Sent.Clear();
        return bytes;
    }
}
