using System.Diagnostics.CodeAnalysis;
using System.Net;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.States;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Server.Machines;

/// <summary>
/// The machines that have joined before. They are peers of the tunnel before it receives its first packet, so a restart costs them no more than the handshake
/// that they were about to make. Machines in limbo aren't kept; they call again.
/// </summary>
internal sealed partial class KnownPeers(ServerState state, ServerConfiguration configuration, ILogger<KnownPeers> log)
{
    /// <summary>All of them, from their links.</summary>
    public async Task<IReadOnlyList<LinkPeer>> Read(CancellationToken cancellation)
    {
        var known = new List<LinkPeer>();
        foreach (var link in await state.Inside.List(Kinds.Links, cancellation: cancellation))
        {
            if (link.Metadata.Phase != Phase.Running)
            {
                continue;
            }

            if (TryPeer(link.Spec, out var peer))
            {
                known.Add(peer);
            }
            else
            {
                Log.Damaged(log, link.Metadata.Id);
            }
        }

        return known;
    }

    private bool TryPeer(SiderolinkSpec spec, [NotNullWhen(true)] out LinkPeer? peer)
    {
        peer = null;
        var slash = spec.NodeSubnet.IndexOf('/', StringComparison.Ordinal);
        if (!PublicKey.TryParse(spec.NodePublicKey, out var key) || slash < 0 || !IPAddress.TryParse(spec.NodeSubnet.AsSpan(0, slash), out var address)
            || !TunnelAddresses.Machines.Contains(address))
        {
            return false;
        }

        IPEndPoint? name = null;
        if (spec.VirtualAddrport.Length > 0 && !IPEndPoint.TryParse(spec.VirtualAddrport, out name))
        {
            return false;
        }

        peer = new LinkPeer(key, address, name, LastEndpoint(spec.LastEndpoint));
        return true;
    }

    private PeerEndpoint LastEndpoint(string text) =>
        !configuration.SideroLink.DialsLastEndpoint || !IPEndPoint.TryParse(text, out var endpoint) || endpoint.Port == 0 ? PeerEndpoint.None
        : TunnelAddresses.Virtual.Contains(endpoint.Address) ? PeerEndpoint.Tunnel(endpoint.Address, endpoint.Port)
        : PeerEndpoint.Udp(endpoint.Address, endpoint.Port);

    private static partial class Log
    {
        [LoggerMessage(121, LogLevel.Warning, "link {Id} can't be used, as its key or address is damaged: delete it, and the machine registers anew")]
        public static partial void Damaged(ILogger logger, string id);
    }
}
