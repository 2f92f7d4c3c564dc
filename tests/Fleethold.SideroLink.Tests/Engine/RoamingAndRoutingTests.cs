using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Tests.Engine;

public sealed class RoamingAndRoutingTests
{
    private static readonly PeerEndpoint Tunnel = PeerEndpoint.Tunnel(IPAddress.Parse("fdae:41e4:649b:9304::7"), 50889);

    [Fact]
    public void A_peer_roams_from_UDP_into_a_tunnel_and_back()
    {
        using var pair = new Pair().Connected();
        var udp = pair.A.Endpoint;
        pair.A.Endpoint = Tunnel;
        pair.A.SendTo(pair.B);
        pair.Deliver();
        Assert.Equal(Tunnel, pair.PeerOfB.Endpoint);
        pair.B.SendTo(pair.A);
        Assert.Equal(Tunnel, pair.B.Sent.Single().To);
        pair.Deliver();

        pair.A.Endpoint = udp;
        pair.A.SendTo(pair.B);
        pair.Deliver();
        Assert.Equal(udp, pair.PeerOfB.Activity.Endpoint);
        Assert.Equal(2, pair.PeerOfB.Activity.EndpointChanges);
        Assert.Equal(1, pair.B.Core.Sources.Count(udp));
        Assert.Equal(0, pair.B.Core.Sources.Count(Tunnel));
    }

    [Fact]
    public void Only_authentic_and_new_packets_move_the_endpoint()
    {
        using var pair = new Pair().Connected();
        var home = pair.A.Endpoint;
        pair.A.SendTo(pair.B);
        pair.A.SendTo(pair.B);
        var first = pair.A.Sent[0].Bytes;
        var second = pair.A.Sent[1].Bytes;
        pair.A.Sent.Clear();
        var forged = second.ToArray();
        forged[^1] ^= 1;
        pair.B.Receive(forged, Tunnel);
        pair.B.Receive(second.ToArray(), home);
        pair.B.Receive(second, Tunnel);
        pair.B.Receive(first, Tunnel);
        Assert.Equal(home, pair.PeerOfB.Endpoint);
        Assert.Equal(2, pair.B.Packets.Count);
        Assert.Equal(1, pair.B.Core.Counters[DropReason.NotAuthentic]);
        Assert.Equal(1, pair.B.Core.Counters[DropReason.Replayed]);
    }

    [Fact]
    public void Strangers_never_get_an_answer()
    {
        using var pair = new Pair();
        using var stranger = new Side(pair.Clock, 9);
        stranger.Knows(pair.B);
        stranger.SendTo(pair.B);
        var initiation = stranger.Sent.Single().Bytes;
        byte[] Altered(int at) => [.. initiation[..at], (byte)(initiation[at] ^ 1), .. initiation[(at + 1)..]];
        pair.B.Receive(initiation.ToArray(), stranger.Endpoint);
        pair.B.Receive(Altered(120), stranger.Endpoint);
        pair.B.Receive(Altered(1), stranger.Endpoint);
        pair.B.Receive(initiation[..147], stranger.Endpoint);
        pair.B.Receive([], stranger.Endpoint);
        pair.B.Receive([4, 0, 0, 0, .. new byte[28]], stranger.Endpoint);
        pair.B.Receive([4, 0, 0, 0, .. new byte[27]], stranger.Endpoint);
        pair.B.Receive([2, 0, 0, 0, .. new byte[88]], stranger.Endpoint);
        pair.B.Receive([3, 0, 0, 0, .. new byte[60]], stranger.Endpoint);
        Assert.Empty(pair.B.Sent);
        Assert.Empty(pair.B.Packets);
        var counters = pair.B.Core.Counters;
        Assert.Equal(
            (1, 1, 4, 3),
            (counters[DropReason.UnknownPeer], counters[DropReason.WrongMac1], counters[DropReason.Malformed], counters[DropReason.UnknownIndex]));
    }

    [Fact]
    public void The_filter_lets_in_only_what_is_for_the_server_itself()
    {
        using var pair = new Pair().Connected();
        void Sends(byte[] packet)
        {
            var room = pair.A.Reserve(pair.PeerOfA.Endpoint, pair.A.Core.SealedLength(packet.Length));
            packet.CopyTo(room[16..]);
            pair.A.Commit(pair.A.Core.Seal(pair.PeerOfA, room, packet.Length));
            pair.Deliver();
        }

        var a = pair.A.Address;
        var b = pair.B.Address;
        var counters = pair.B.Core.Counters;
        foreach (var header in (byte[])[6, 17, 58])
        {
            Sends(Side.Packet(a, b, 14, header));
        }

        Assert.Equal(3, pair.B.Packets.Count);
        Sends(Side.Packet(a, b, 20, nextHeader: 0));
        Sends(Side.Packet(a, b, 13));
        Sends(Side.Packet(a, 3));
        Assert.Equal(3, counters[DropReason.Filtered]);
        Sends(Side.Packet(3, b));
        Sends([0x45, 0, 0, 20, .. new byte[16]]);
        Assert.Equal(2, counters[DropReason.WrongSource]);
        Sends([0x45, 0, 0, 19, .. new byte[16]]);
        Sends([0x55, .. new byte[60]]);
        Sends(Side.Packet(a, b)[..44]);
        Sends([0x60, .. new byte[15]]);
        Assert.Equal(4, counters[DropReason.BadPacket]);
        Assert.Equal(3, pair.B.Packets.Count);
    }

    [Fact]
    public void Packets_are_routed_by_inner_source_and_destination()
    {
        using var pair = new Pair();
        var second = pair.A.Core.AddIdentity([.. Enumerable.Repeat((byte)5, 32)], 5, InputFilter.None);
        var peer = second.Set(pair.B.Identity.PublicKey, pair.B.Address, pair.B.Endpoint, 0);
        Assert.Same(peer, pair.A.Core.Route(Side.Packet(5, 2)));
        Assert.Same(pair.PeerOfA, pair.A.Core.Route(Side.Packet(1, 2)));
        Assert.Null(pair.A.Core.Route(Side.Packet(1, 5)));
        Assert.Null(pair.A.Core.Route(Side.Packet(6, 2)));
        Assert.Null(pair.A.Core.Route(Side.Packet(1, 2)[..39]));
        Assert.Null(pair.A.Core.Route([0x45, .. new byte[60]]));
        Assert.Throws<ArgumentException>(() => pair.A.Core.AddIdentity([.. Enumerable.Repeat((byte)5, 32)], 6, InputFilter.None));
        Assert.Throws<ArgumentException>(() => pair.A.Core.AddIdentity([.. Enumerable.Repeat((byte)6, 32)], 5, InputFilter.None));
        Assert.Throws<ArgumentException>(() => pair.A.Core.AddIdentity(new byte[31], 6, InputFilter.None));

        pair.A.Core.RemoveIdentity(second);
        Assert.Null(pair.A.Core.Route(Side.Packet(5, 2)));
        Assert.True(peer!.Removed);
        Assert.Throws<InvalidOperationException>(() => second.Set(pair.B.Identity.PublicKey, 2, PeerEndpoint.None, 0));
    }

    [Fact]
    public void Identities_of_one_core_shake_hands_with_a_server_that_dials_them_through_one_socket()
    {
        using var pair = new Pair(serverKnowsEndpoint: true);
        var second = pair.A.Core.AddIdentity([.. Enumerable.Repeat((byte)5, 32)], 5, InputFilter.None);
        second.Set(pair.B.Identity.PublicKey, pair.B.Address, PeerEndpoint.None, 0);
        pair.B.Identity.Set(second.PublicKey, 5, pair.A.Endpoint, 0);
        pair.B.Send(Side.Packet(2, 5));
        pair.B.Send(Side.Packet(2, 1));
        pair.Deliver();
        Assert.Equal(2, pair.A.Packets.Count);
    }

    [Fact]
    public void A_removed_peer_is_gone_with_its_indices_timers_and_packets()
    {
        using var pair = new Pair(keepaliveB: 25).Connected();
        pair.A.SendTo(pair.B);
        var late = pair.A.Sent.Single().Bytes;
        pair.A.Sent.Clear();
        Assert.True(pair.B.Identity.Remove(pair.A.Identity.PublicKey));
        Assert.False(pair.B.Identity.Remove(pair.A.Identity.PublicKey));
        Assert.Equal(0, pair.B.Core.Indices.Count);
        Assert.Equal(0, pair.B.Core.Wheel.Count);
        Assert.Equal(0, pair.B.Core.Sources.Count(pair.A.Endpoint));
        Assert.Null(pair.B.Core.Route(Side.Packet(2, 1)));
        Assert.Null(pair.B.Identity.Find(pair.A.Identity.PublicKey));
        pair.B.Receive(late, pair.A.Endpoint);
        Assert.Empty(pair.B.Packets);
        Assert.Equal(1, pair.B.Core.Counters[DropReason.UnknownIndex]);
        Assert.Equal(0, pair.B.Core.Seal(pair.PeerOfB, new byte[64], 0));
        pair.B.Core.Stage(pair.PeerOfB, Side.Packet(2, 1), pair.B);
        pair.Pass(200);
        Assert.Equal(0, pair.Logged(pair.B, MessageType.Initiation));
    }

    [Fact]
    public void A_new_key_takes_over_the_address_in_one_step()
    {
        using var pair = new Pair().Connected();
        using var reborn = new Side(pair.Clock, 3) { Endpoint = pair.A.Endpoint };
        var peer = pair.B.Identity.Set(reborn.Identity.PublicKey, pair.A.Address, PeerEndpoint.None, 0);
        Assert.Equal([peer!], pair.B.Identity.Peers);
        Assert.True(pair.PeerOfB.Removed);
        Assert.Same(peer, pair.B.Core.Route(Side.Packet(2, 1)));
        Assert.Equal(0, pair.B.Core.Indices.Count);

        reborn.Core.RemoveIdentity(reborn.Identity);
        var identity = reborn.Core.AddIdentity(reborn.PrivateKey, pair.A.Address, InputFilter.None);
        identity.Set(pair.B.Identity.PublicKey, pair.B.Address, pair.B.Endpoint, 0);
        reborn.Send(Side.Packet(pair.A.Address, pair.B.Address));
        pair.B.Receive(reborn.Sent.Single().Bytes, reborn.Endpoint);
        reborn.Sent.Clear();
        reborn.Receive(pair.B.Sent.Single().Bytes, pair.B.Endpoint);
        pair.B.Receive(reborn.Sent.Single().Bytes, reborn.Endpoint);
        Assert.Single(pair.B.Packets);
    }

    [Fact]
    public void Setting_a_peer_again_keeps_its_session_and_its_endpoint()
    {
        using var pair = new Pair().Connected();
        var same = pair.B.Identity.Set(pair.A.Identity.PublicKey, pair.A.Address, Tunnel, 25);
        Assert.Same(pair.PeerOfB, same);
        Assert.Equal(pair.A.Endpoint, same!.Endpoint);
        Assert.True(same.Connected);
        Assert.Equal(25, same.KeepaliveSeconds);
        pair.Pass(0.2);
        Assert.Equal(32, pair.Log.Single(entry => entry.From == pair.B).Length);

        pair.B.Identity.Set(pair.A.Identity.PublicKey, 99, PeerEndpoint.None, 25);
        Assert.Null(pair.B.Core.Route(Side.Packet(2, 1)));
        Assert.Same(same, pair.B.Core.Route(Side.Packet(2, 99)));
    }

    [Fact]
    public void Only_the_newest_staged_packets_are_kept()
    {
        using var pair = new Pair(new CoreOptions { Seed = 1, StagedPackets = 3 });
        for (var i = 0; i < 5; i++)
        {
            pair.A.SendTo(pair.B, payload: 20 + i);
        }

        pair.Deliver();
        Assert.Equal([62, 63, 64], pair.B.Packets.Select(packet => packet.Length));
        Assert.Equal(2, pair.A.Core.Counters[DropReason.StagedDropped]);
    }
}
