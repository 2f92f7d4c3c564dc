using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>A private key with an address inside the tunnel, and its peers. Made by <see cref="WireGuardCore.AddIdentity"/>; thread-safe.</summary>
public sealed class Identity
{
    internal Identity()
    {
    }

    /// <summary>The key by which peers know it.</summary>
    public PublicKey PublicKey => throw new NotImplementedException();

    /// <summary>Its own address inside the tunnel, host order.</summary>
    public UInt128 Address => throw new NotImplementedException();

    /// <summary>How many peers it has.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>The peers of this moment.</summary>
    public IReadOnlyList<Peer> Peers => throw new NotImplementedException();

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
    public Peer? Set(PublicKey key, UInt128 address, PeerEndpoint endpoint, ushort keepaliveSeconds, ReadOnlySpan<byte> presharedKey = default) =>
        throw new NotImplementedException();

    /// <summary>Removes a peer with its sessions, indices, timers and staged packets; false when there is none.</summary>
    public bool Remove(PublicKey key) => throw new NotImplementedException();

    /// <summary>The peer with this key; null when there is none.</summary>
    public Peer? Find(PublicKey key) => throw new NotImplementedException();
}
