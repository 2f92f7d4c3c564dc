using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Tests.Engine;

public sealed class HandshakeTests
{
    [Fact]
    public void A_packet_without_session_brings_about_a_handshake_and_then_arrives()
    {
        using var pair = new Pair();
        var packet = Side.Packet(pair.A.Address, pair.B.Address, 100);
        pair.A.Send(packet);
        Assert.Equal(1, pair.A.Count(MessageType.Initiation));
        pair.Deliver();
        Assert.Equal([packet], pair.B.Packets);

        var answer = Side.Packet(pair.B.Address, pair.A.Address, 1240);
        pair.B.Send(answer);
        pair.Deliver();
        Assert.Equal([answer], pair.A.Packets);
        Assert.Equal(pair.A.Endpoint, pair.PeerOfB.Endpoint);
        Assert.Equal(pair.Clock.GetUtcNow(), pair.PeerOfB.Activity.LastHandshake);
        Assert.Equal(pair.Clock.GetUtcNow(), pair.PeerOfA.Activity.LastHandshake);
        Assert.Equal(pair.PeerOfA.Activity.Sent, pair.PeerOfB.Activity.Received);
        Assert.Equal(pair.PeerOfB.Activity.Sent, pair.PeerOfA.Activity.Received);
        Assert.Equal(1, pair.B.Core.Counters.Handshakes);
    }

    [Fact]
    public void Both_ends_need_the_same_preshared_key()
    {
        using var pair = new Pair();
        pair.A.Identity.Set(pair.B.Identity.PublicKey, pair.B.Address, pair.B.Endpoint, 0, new byte[32].Select((_, i) => (byte)i).ToArray());
        pair.A.SendTo(pair.B);
        pair.Deliver();
        Assert.Equal(1, pair.A.Core.Counters[DropReason.BadHandshake]);
        Assert.False(pair.PeerOfA.Connected);

        pair.B.Identity.Set(pair.A.Identity.PublicKey, pair.A.Address, PeerEndpoint.None, 0, new byte[32].Select((_, i) => (byte)i).ToArray());
        pair.Pass(6);
        Assert.True(pair.PeerOfA.Connected);
        Assert.Single(pair.B.Packets);
    }

    [Fact]
    public void The_responder_stamps_the_handshake_and_sends_only_after_the_confirmation()
    {
        using var pair = new Pair { Loses = (_, type) => type == MessageType.Transport };
        pair.A.SendTo(pair.B);
        pair.Deliver();
        Assert.True(pair.PeerOfA.Connected);
        Assert.False(pair.PeerOfB.Connected);
        Assert.Null(pair.PeerOfB.Activity.LastHandshake);

        pair.B.SendTo(pair.A);
        Assert.Equal(0, pair.B.Count(MessageType.Transport));
        Assert.Equal(0, pair.B.Count(MessageType.Initiation));

        pair.Loses = (_, _) => false;
        pair.A.SendTo(pair.B);
        pair.Deliver();
        Assert.True(pair.PeerOfB.Connected);
        Assert.NotNull(pair.PeerOfB.Activity.LastHandshake);
        Assert.Single(pair.A.Packets);
    }

    [Fact]
    public void When_the_confirmation_of_a_rekey_is_lost_both_carry_on_with_the_old_session()
    {
        using var pair = new Pair().Connected();
        pair.Pass(121);
        var old = pair.PeerOfB.Sessions.Current;
        pair.A.SendTo(pair.B);
        pair.Deliver();
        pair.Loses = (from, type) => from == pair.A && type == MessageType.Transport;
        pair.Pass(0.3);
        Assert.Equal(1, pair.Logged(pair.B, MessageType.Response));
        Assert.Same(old, pair.PeerOfB.Sessions.Current);
        Assert.NotNull(pair.PeerOfB.Sessions.Next);

        pair.B.SendTo(pair.A);
        pair.Deliver();
        Assert.Single(pair.A.Packets);
    }

    [Fact]
    public void A_late_packet_of_the_session_before_still_arrives()
    {
        using var pair = new Pair().Connected();
        pair.Pass(121);
        pair.A.SendTo(pair.B);
        var late = pair.A.Sent.Single();
        pair.A.Sent.Clear();
        pair.Pass(0.3);
        Assert.NotNull(pair.PeerOfB.Sessions.Previous);
        pair.B.Receive(late.Bytes, pair.A.Endpoint);
        Assert.Single(pair.B.Packets);
    }

    [Fact]
    public void Crossing_initiations_end_in_one_session_after_a_retry()
    {
        using var pair = new Pair(serverKnowsEndpoint: true);
        pair.A.SendTo(pair.B);
        pair.B.SendTo(pair.A);
        var ofA = pair.A.Sent.Single();
        var ofB = pair.B.Sent.Single();
        pair.A.Sent.Clear();
        pair.B.Sent.Clear();
        pair.A.Receive(ofB.Bytes, pair.B.Endpoint);
        pair.B.Receive(ofA.Bytes, pair.A.Endpoint);
        pair.Deliver();
        Assert.False(pair.PeerOfA.Connected);
        Assert.False(pair.PeerOfB.Connected);

        pair.Pass(6);
        Assert.True(pair.PeerOfA.Connected);
        Assert.True(pair.PeerOfB.Connected);
        Assert.Single(pair.A.Packets);
        Assert.Single(pair.B.Packets);
    }

    [Fact]
    public void A_response_while_a_next_session_waits_moves_that_one_to_previous()
    {
        using var pair = new Pair(serverKnowsEndpoint: true).Connected();
        pair.Pass(6);

        // B asks for a new session, and A answers: A's next waits for a confirmation that doesn't come.
        pair.Loses = (from, type) => from == pair.B && type == MessageType.Transport;
        pair.B.Core.Initiate(pair.PeerOfB, pair.B);
        pair.Deliver();
        var next = pair.PeerOfA.Sessions.Next;
        Assert.NotNull(next);
        pair.Pass(6);
        pair.Loses = (_, _) => false;
        pair.A.Core.Initiate(pair.PeerOfA, pair.A);
        pair.Deliver();
        Assert.Same(next, pair.PeerOfA.Sessions.Previous);
        Assert.Null(pair.PeerOfA.Sessions.Next);
        Assert.True(pair.PeerOfA.Sessions.Current!.Initiator);
        pair.B.SendTo(pair.A);
        pair.Deliver();
        Assert.Single(pair.A.Packets);
    }

    [Fact]
    public void A_replayed_initiation_is_dropped_and_counted()
    {
        using var pair = new Pair();
        pair.A.SendTo(pair.B);
        var initiation = pair.A.Sent.Single().Bytes.ToArray();
        pair.Deliver();
        pair.Clock.Advance(TimeSpan.FromSeconds(1));
        pair.B.Receive(initiation, PeerEndpoint.Udp(IPAddress.Parse("198.51.100.66"), 1));
        Assert.Empty(pair.B.Sent);
        Assert.Equal(1, pair.B.Core.Counters[DropReason.ReplayedInitiation]);
        Assert.Equal(pair.A.Endpoint, pair.PeerOfB.Endpoint);
    }

    [Fact]
    public void Initiations_of_a_machine_whose_clock_was_set_back_are_refused_and_counted_until_it_is_added_anew()
    {
        using var pair = new Pair().Connected();
        var behind = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(pair.Clock.GetUtcNow() - TimeSpan.FromHours(1));
        using var restarted = new Side(behind, 1) { Endpoint = pair.A.Endpoint };
        restarted.Knows(pair.B);
        restarted.SendTo(pair.B);
        var initiation = restarted.Sent.Single().Bytes;
        pair.Clock.Advance(TimeSpan.FromSeconds(1));
        pair.B.Receive(initiation.ToArray(), restarted.Endpoint);
        Assert.Empty(pair.B.Sent);
        Assert.Equal(1, pair.B.Core.Counters[DropReason.OldInitiation]);
        Assert.Equal(1, pair.PeerOfB.OldInitiations);

        pair.B.Identity.Remove(pair.A.Identity.PublicKey);
        pair.B.Knows(pair.A, endpoint: false);
        pair.B.Receive(initiation, restarted.Endpoint);
        Assert.Equal(1, pair.B.Count(MessageType.Response));
    }

    [Fact]
    public void Initiations_that_follow_each_other_too_closely_are_dropped()
    {
        using var pair = new Pair();
        pair.A.SendTo(pair.B);
        pair.Deliver();
        var ahead = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(pair.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        using var other = new Side(ahead, 1);
        other.Knows(pair.B);
        other.SendTo(pair.B);
        pair.Clock.Advance(TimeSpan.FromMilliseconds(10));
        pair.B.Receive(other.Sent.Single().Bytes, other.Endpoint);
        Assert.Empty(pair.B.Sent);
        Assert.Equal(1, pair.B.Core.Counters[DropReason.InitiationFlood]);
    }

    [Fact]
    public void Timestamps_grow_even_when_the_own_clock_stands_still_or_goes_back()
    {
        using var pair = new Pair { Loses = (from, _) => from.Address == 2 };
        pair.A.SendTo(pair.B);
        pair.Deliver();
        pair.Loses = (_, _) => false;
        pair.WallOfA.Shift = -TimeSpan.FromDays(1);
        pair.Pass(6);
        Assert.Equal(0, pair.B.Core.Counters[DropReason.OldInitiation]);
        Assert.True(pair.PeerOfA.Connected);
    }

    [Fact]
    public void The_own_key_is_ignored_as_a_peer()
    {
        using var pair = new Pair();
        Assert.Null(pair.A.Identity.Set(pair.A.Identity.PublicKey, 77, PeerEndpoint.None, 0));
        Assert.Equal(1, pair.A.Identity.Count);
    }
}
