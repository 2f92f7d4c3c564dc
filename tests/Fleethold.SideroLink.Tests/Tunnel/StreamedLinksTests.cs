using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Tests.Tunnel;

public class StreamedLinksTests
{
    private static readonly PublicKey Old = new(1, 1);
    private static readonly PublicKey New = new(2, 2);
    private static readonly IPAddress Address = IPAddress.Parse("fdae:41e4:649b:9303::1:1");

    private readonly StreamTable _streams = new();
    private readonly StreamedLinks _links;

    public StreamedLinksTests() => _links = new StreamedLinks(new Peers(), _streams);

    [Fact]
    public void A_peer_may_open_a_stream_by_its_virtual_address_only()
    {
        _links.Set(Peer(Old, "::a"));

        Assert.True(IsAllowed("::a"));
        Assert.False(IsAllowed("::b"));
    }

    [Fact]
    public void A_peer_set_again_keeps_its_stream()
    {
        _links.Set(Peer(Old, "::a"));
        var stream = Open("::a")!;

        _links.Set(Peer(Old, "::a"));

        Assert.False(stream.Ended.IsCompleted);
    }

    [Fact]
    public void A_changed_virtual_address_takes_the_right_of_the_old_one()
    {
        _links.Set(Peer(Old, "::a"));
        _links.Set(Peer(Old, "::b"));

        Assert.False(IsAllowed("::a"));
        Assert.True(IsAllowed("::b"));

        _links.Set(Peer(Old, null));
        Assert.False(IsAllowed("::b"));
    }

    [Fact]
    public void The_key_of_the_next_boot_takes_the_right_of_the_old_one()
    {
        _links.Set(Peer(Old, "::a"));
        _links.Set(Peer(New, "::b"));

        Assert.False(IsAllowed("::a"));
        Assert.True(IsAllowed("::b"));
    }

    [Fact]
    public void A_removed_peer_leaves_nothing()
    {
        _links.Set(Peer(Old, "::a"));
        _links.Remove(Old);
        _links.Remove(Old);

        Assert.False(IsAllowed("::a"));
    }

    private static LinkPeer Peer(PublicKey key, string? name) =>
        new(key, Address, name is null ? null : new IPEndPoint(IPAddress.Parse(name), 50889), PeerEndpoint.None);

    private TunnelStream? Open(string name) => _streams.Open(PeerEndpoint.Tunnel(IPAddress.Parse(name), 50889));

    private bool IsAllowed(string name) => Open(name) is not null;

    private sealed class Peers : ILinkTable
    {
        public void Set(LinkPeer peer)
        {
        }

        public void Remove(PublicKey key)
        {
        }

        public LinkActivity? Find(PublicKey key) => null;
    }
}
