using System.Diagnostics.CodeAnalysis;
using System.Net;
using Fleethold.Resources.Specs;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Controllers.Machines.Links;

/// <summary>What the spec of a link or machine in limbo says of its peer.</summary>
public static class StoredPeer
{
    /// <summary>The peer of a link or machine in limbo; false when its spec is damaged.</summary>
    public static bool TryRead(SiderolinkSpec spec, [NotNullWhen(true)] out LinkPeer? peer)
    {
        peer = null;
        IPEndPoint? name = null;
        if (!PublicKey.TryParse(spec.NodePublicKey, out var key)
            || !MachineAddresses.TryParseStored(spec.NodeSubnet, out var address, out _)
            || (spec.VirtualAddrport.Length > 0 && !MachineAddresses.TryParseEndpoint(spec.VirtualAddrport, out name)))
        {
            return false;
        }

        peer = new LinkPeer(key, address, name, PeerEndpoint.None);
        return true;
    }
}
