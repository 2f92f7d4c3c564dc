using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Server.Machines;

/// <summary>Stands where a server has no tunnel: there are no peers, and what comes is dropped.</summary>
internal sealed class NoTunnel : ILinkTable, IDatagramInput
{
    /// <summary>What machines are told that want to join.</summary>
    public const string Why = "this server runs without a tunnel (fleethold.tunnel.enabled is false), so no machine can join";

    public void Set(LinkPeer peer)
    {
    }

    public void Remove(PublicKey key)
    {
    }

    public LinkActivity? Find(PublicKey key) => null;

    public void Receive(Memory<byte> datagram, in PeerEndpoint from)
    {
    }
}
