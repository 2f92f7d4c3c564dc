using Fleethold.SideroLink;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Controllers.Machines.Links;

/// <summary>
/// Counts who needs a peer: a machine in limbo and the link that it becomes are one peer, which lives as long as either (reference/siderolink.md 10,
/// traps 4 to 6). What a link says of a peer goes before what a machine in limbo says. Thread-safe.
/// </summary>
/// <param name="table">The peers.</param>
internal sealed class PeerOwners(ILinkTable table)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (LinkPeer Peer, bool IsLink)> _byOwner = new(StringComparer.Ordinal);
    private readonly Dictionary<PublicKey, List<string>> _ownersOf = [];

    /// <summary>From now on an owner needs this peer, and none that it needed before.</summary>
    public void Acquire(string owner, LinkPeer peer, bool isLink)
    {
        lock (_gate)
        {
            if (_byOwner.TryGetValue(owner, out var before) && before.Peer.Key != peer.Key)
            {
                Drop(owner, before.Peer.Key);
            }

            _byOwner[owner] = (peer, isLink);
            if (!_ownersOf.TryGetValue(peer.Key, out var owners))
            {
                _ownersOf[peer.Key] = owners = [];
            }

            owners.Remove(owner);
            owners.Add(owner);
            Apply(peer.Key, owners);
        }
    }

    /// <summary>An owner needs no peer any more. The key serves one that isn't known, as after a restart.</summary>
    public void Release(string owner, string key)
    {
        lock (_gate)
        {
            if (_byOwner.TryGetValue(owner, out var held))
            {
                Drop(owner, held.Peer.Key);
            }
            else if (PublicKey.TryParse(key, out var parsed) && !_ownersOf.ContainsKey(parsed))
            {
                table.Remove(parsed);
            }
        }
    }

    private void Drop(string owner, PublicKey key)
    {
        _byOwner.Remove(owner);
        var owners = _ownersOf[key];
        owners.Remove(owner);
        if (owners.Count == 0)
        {
            _ownersOf.Remove(key);
            table.Remove(key);
        }
        else
        {
            Apply(key, owners);
        }
    }

    /// <summary>The latest link counts, or the latest machine in limbo.</summary>
    private void Apply(PublicKey key, List<string> owners)
    {
        var chosen = owners.FindLast(owner => _byOwner[owner].IsLink) ?? owners[^1];
        var peer = _byOwner[chosen].Peer;
        table.Set(peer with { Key = key });
    }
}
