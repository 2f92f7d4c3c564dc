using System.Net;
using Fleethold.Controllers.Machines.Links;
using Fleethold.Resources;
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

            if (StoredPeer.TryRead(link.Spec, out var peer) && TunnelAddresses.Machines.Contains(peer.Address))
            {
                known.Add(peer with { Endpoint = LastEndpoint(link.Spec.LastEndpoint) });
            }
            else
            {
                Log.Damaged(log, link.Metadata.Id);
            }
        }

        return known;
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
