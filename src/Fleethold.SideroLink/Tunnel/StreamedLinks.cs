using System.Net;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Tunnel;

/// <summary>The peers of a tunnel, and with each its right to a gRPC stream.</summary>
/// <param name="inner">The peers.</param>
/// <param name="streams">The streams.</param>
public sealed class StreamedLinks(ILinkTable inner, StreamTable streams) : ILinkTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PublicKey, LinkPeer> _peers = [];
    private readonly Dictionary<IPAddress, PublicKey> _byAddress = [];
    private readonly Dictionary<IPAddress, PublicKey> _byVirtual = [];

    /// <inheritdoc/>
    public void Set(LinkPeer peer)
    {
        lock (_lock)
        {
            inner.Set(peer);
            if (_byAddress.TryGetValue(peer.Address, out var other) && other != peer.Key)
            {
                Forget(other);
            }

            var before = _peers.GetValueOrDefault(peer.Key);
            if (before is not null && (!Equals(before.VirtualAddress?.Address, peer.VirtualAddress?.Address) || !before.Address.Equals(peer.Address)))
            {
                Forget(peer.Key, except: peer.VirtualAddress?.Address);
            }

            _peers[peer.Key] = peer;
            _byAddress[peer.Address] = peer.Key;
            if (peer.VirtualAddress is { } name)
            {
                _byVirtual[name.Address] = peer.Key;
                streams.Allow(name.Address);
            }
        }
    }

    /// <inheritdoc/>
    public void Remove(PublicKey key)
    {
        lock (_lock)
        {
            inner.Remove(key);
            Forget(key);
        }
    }

    /// <inheritdoc/>
    public LinkActivity? Find(PublicKey key) => inner.Find(key);

    private void Forget(PublicKey key, IPAddress? except = null)
    {
        if (!_peers.Remove(key, out var peer))
        {
            return;
        }

        if (_byAddress.GetValueOrDefault(peer.Address) == key)
        {
            _byAddress.Remove(peer.Address);
        }

        // A later peer may have taken the name over.
        if (peer.VirtualAddress is { } name && !name.Address.Equals(except) && _byVirtual.TryGetValue(name.Address, out var holder) && holder == key)
        {
            _byVirtual.Remove(name.Address);
            streams.Revoke(name.Address);
        }
    }
}
