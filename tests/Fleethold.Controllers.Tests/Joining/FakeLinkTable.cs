using System.Collections.Concurrent;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Controllers.Tests.Joining;

/// <summary>Peers without a tunnel, by the contract: one address has one peer.</summary>
internal sealed class FakeLinkTable : ILinkTable
{
    private readonly Lock _gate = new();

    public ConcurrentDictionary<PublicKey, LinkPeer> Peers { get; } = [];

    public ConcurrentDictionary<PublicKey, LinkActivity> Activity { get; } = [];

    public ConcurrentQueue<PublicKey> Removed { get; } = [];

    public void Set(LinkPeer peer)
    {
        lock (_gate)
        {
            foreach (var other in Peers.Values.Where(other => other.Key != peer.Key && other.Address.Equals(peer.Address)).ToArray())
            {
                Peers.TryRemove(other.Key, out _);
            }

            Peers[peer.Key] = peer;
        }
    }

    public void Remove(PublicKey key)
    {
        lock (_gate)
        {
            if (Peers.TryRemove(key, out _))
            {
                Removed.Enqueue(key);
            }
        }
    }

    public LinkActivity? Find(PublicKey key) => !Peers.ContainsKey(key) ? null : Activity.TryGetValue(key, out var activity) ? activity : default(LinkActivity);
}
