using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink;

/// <summary>
/// The peers of the server's tunnel, as business rules see them. Thread-safe. Changes touch only the peer they name; an addition equal to what
/// is there changes nothing, so a session survives a machine that provisions again (reference/siderolink.md 10, traps 4 to 6).
/// </summary>
public interface ILinkTable
{
    /// <summary>
    /// Adds a peer or updates it in place. A different peer that holds the same address loses it and is removed in the same step. When this
    /// returns the peer can shake hands.
    /// </summary>
    void Set(LinkPeer peer);

    /// <summary>Removes a peer with its sessions and its tunnel; one that isn't there is fine.</summary>
    void Remove(PublicKey key);

    /// <summary>What is known about a peer; null when there is none with this key.</summary>
    LinkActivity? Find(PublicKey key);
}

/// <summary>A peer of the server.</summary>
/// <param name="Key">The public key of the machine's current boot.</param>
/// <param name="Address">Its address inside the tunnel; the peer may use this /128 alone.</param>
/// <param name="VirtualAddress">The address and port that name its gRPC tunnel; null when the machine uses UDP.</param>
/// <param name="Endpoint">Where to dial first, when remembered and wanted; <see cref="PeerEndpoint.None"/> waits for the machine. Ignored for a peer that exists.</param>
public sealed record LinkPeer(PublicKey Key, System.Net.IPAddress Address, System.Net.IPEndPoint? VirtualAddress, PeerEndpoint Endpoint);

/// <summary>What a peer has done.</summary>
/// <param name="LastHandshake">When its last handshake was complete, which on a responder is the first packet under the new key; null when never.</param>
/// <param name="Received">Bytes of its datagrams that were authentic.</param>
/// <param name="Sent">Bytes of datagrams sent to it.</param>
/// <param name="Endpoint">Where it was last heard.</param>
/// <param name="EndpointChanges">How often that changed.</param>
public readonly record struct LinkActivity(DateTimeOffset? LastHandshake, long Received, long Sent, PeerEndpoint Endpoint, long EndpointChanges);
