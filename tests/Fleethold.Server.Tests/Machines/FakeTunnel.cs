using System.Threading.Channels;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Server.Tests.Machines;

/// <summary>A tunnel of which only the table of peers is real, for tests without rights.</summary>
internal sealed class FakeTunnel : ILinkTable, IDatagramInput
{
    private readonly Channel<(byte[] Bytes, PeerEndpoint From)> _received = Channel.CreateUnbounded<(byte[], PeerEndpoint)>();

    public System.Collections.Concurrent.ConcurrentDictionary<PublicKey, LinkPeer> Peers { get; } = new();

    public ChannelReader<(byte[] Bytes, PeerEndpoint From)> Received => _received.Reader;

    public void Set(LinkPeer peer)
    {
        foreach (var other in Peers.Values.Where(other => other.Address.Equals(peer.Address) && other.Key != peer.Key))
        {
            Peers.TryRemove(other.Key, out _);
        }

        Peers.AddOrUpdate(peer.Key, peer, (_, present) => peer with { Endpoint = present.Endpoint });
    }

    public void Remove(PublicKey key) => Peers.TryRemove(key, out _);

    public LinkActivity? Find(PublicKey key) => Peers.ContainsKey(key) ? new LinkActivity(null, 0, 0, PeerEndpoint.None, 0) : null;

    public void Receive(Memory<byte> datagram, in PeerEndpoint from) => _received.Writer.TryWrite((datagram.ToArray(), from));
}
