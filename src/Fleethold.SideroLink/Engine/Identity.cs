using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>A private key with an address inside the tunnel, and its peers. Made by <see cref="WireGuardCore.AddIdentity"/>; thread-safe.</summary>
public sealed class Identity
{
    /// <summary>The key of <c>mac1</c> in messages to it.</summary>
    internal readonly Key32 Mac1Key;

    /// <summary>The key of the cookies it sends.</summary>
    internal readonly Key32 CookieKey;

    private readonly Lock _gate = new();
    private readonly Dictionary<PublicKey, Peer> _peers = [];
    private readonly WireGuardCore _core;
    private bool _removed;

    internal Identity(WireGuardCore core, int number, X25519Key key, UInt128 address, InputFilter filter)
    {
        _core = core;
        Number = number;
        PrivateKey = key;
        Address = address;
        Filter = filter;
        Span<byte> bytes = stackalloc byte[PublicKey.Length];
        key.PublicKey.Write(bytes);
        Mac1Key = MessageMacs.Mac1Key(bytes);
        CookieKey = MessageMacs.CookieKey(bytes);
        Start = NoiseState.StartFor(bytes);
    }

    /// <summary>The key by which peers know it.</summary>
    public PublicKey PublicKey => PrivateKey.PublicKey;

    /// <summary>Its own address inside the tunnel, host order.</summary>
    public UInt128 Address { get; }

    /// <summary>Which opened packets it lets in.</summary>
    public InputFilter Filter { get; }

    /// <summary>How many peers it has.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _peers.Count;
            }
        }
    }

    /// <summary>The peers of this moment.</summary>
    public IReadOnlyList<Peer> Peers
    {
        get
        {
            lock (_gate)
            {
                return [.. _peers.Values];
            }
        }
    }

    internal int Number { get; }

    internal X25519Key PrivateKey { get; }

    /// <summary>The start of every handshake in which it responds.</summary>
    internal NoiseState Start { get; }

    /// <summary>
    /// Adds a peer, or updates the one with this key in place: its sessions live on, and its endpoint stays once one is known. Another peer that
    /// has the address is removed in the same step. A peer with a known endpoint and a keepalive starts a handshake, see
    /// <see cref="CoreOptions.InitiationSpread"/>.
    /// </summary>
    /// <param name="key">The peer's public key.</param>
    /// <param name="address">The one address it may use inside the tunnel, host order.</param>
    /// <param name="endpoint">Where it is; <see cref="PeerEndpoint.None"/> waits for it.</param>
    /// <param name="keepaliveSeconds">The persistent keepalive interval; 0: off.</param>
    /// <param name="presharedKey">32 bytes, or empty for none.</param>
    /// <returns>The peer; null when the key is the identity's own, which is ignored as WireGuard does.</returns>
    /// <exception cref="ArgumentException">The preshared key has another length.</exception>
    /// <exception cref="InvalidOperationException">The identity was removed.</exception>
    public Peer? Set(PublicKey key, UInt128 address, PeerEndpoint endpoint, ushort keepaliveSeconds, ReadOnlySpan<byte> presharedKey = default)
    {
        if (presharedKey.Length is not (0 or Key32.Length))
        {
            throw new ArgumentException($"a preshared key has {Key32.Length} bytes, not {presharedKey.Length}", nameof(presharedKey));
        }

        if (key == PublicKey)
        {
            return null;
        }

        lock (_gate)
        {
            if (_removed)
            {
                throw new InvalidOperationException("the identity was removed from its core, so it can't have peers");
            }

            if (!_peers.TryGetValue(key, out var peer))
            {
                peer = new Peer(_core, this, key, address);
                _peers.Add(key, peer);
            }

            if (_core.Routes.Replace(this, peer, address) is { } former && former != peer)
            {
                _peers.Remove(former.Key);
                former.Close();
            }

            peer.Configure(address, endpoint, keepaliveSeconds, presharedKey);
            return peer;
        }
    }

    /// <summary>Removes a peer with its sessions, indices, timers and staged packets; false when there is none.</summary>
    public bool Remove(PublicKey key)
    {
        lock (_gate)
        {
            if (!_peers.Remove(key, out var peer))
            {
                return false;
            }

            _core.Routes.Remove(this, peer);
            peer.Close();
            return true;
        }
    }

    /// <summary>The peer with this key; null when there is none.</summary>
    public Peer? Find(PublicKey key)
    {
        lock (_gate)
        {
            return _peers.GetValueOrDefault(key);
        }
    }

    internal void Close()
    {
        lock (_gate)
        {
            _removed = true;
            foreach (var peer in _peers.Values)
            {
                _core.Routes.Remove(this, peer);
                peer.Close();
            }

            _peers.Clear();
        }

        PrivateKey.Dispose();
    }
}
