using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Fleethold.SideroLink.Engine;

/// <summary>Cryptokey routing, made for one /128 per peer: inner source to identity, inner destination to the identity's peer. Thread-safe; read without lock.</summary>
internal sealed class RouteTable
{
    private readonly ConcurrentDictionary<UInt128, Identity> _identities = new();
    private readonly ConcurrentDictionary<Key, Peer> _peers = new();

    public bool TryAdd(Identity identity) => _identities.TryAdd(identity.Address, identity);

    public void Remove(Identity identity) => _identities.TryRemove(new KeyValuePair<UInt128, Identity>(identity.Address, identity));

    /// <summary>Gives an address to a peer, which loses its former one; returns who had it.</summary>
    public Peer? Replace(Identity identity, Peer peer, UInt128 address)
    {
        var key = new Key(identity.Number, address);
        _peers.TryGetValue(key, out var former);
        _peers[key] = peer;
        if (peer.Address != address)
        {
            Remove(identity, peer);
        }

        return former;
    }

    public void Remove(Identity identity, Peer peer) => _peers.TryRemove(new KeyValuePair<Key, Peer>(new Key(identity.Number, peer.Address), peer));

    /// <summary>Where an IPv6 packet goes; null when nowhere.</summary>
    public Peer? Find(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 40 || packet[0] >> 4 != 6)
        {
            return null;
        }

        return _identities.TryGetValue(BinaryPrimitives.ReadUInt128BigEndian(packet[8..]), out var identity)
            && _peers.TryGetValue(new Key(identity.Number, BinaryPrimitives.ReadUInt128BigEndian(packet[24..])), out var peer)
            ? peer
            : null;
    }

    private readonly record struct Key(int Identity, UInt128 Address);
}
