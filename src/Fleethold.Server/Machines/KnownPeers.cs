using System.Diagnostics.CodeAnalysis;
using System.Net;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Server.Machines;

/// <summary>
/// Makes the machines that have joined before peers of the tunnel right after it opens, before anything else starts: a restart then costs them
/// no more than the handshake that they were about to make. Machines in limbo aren't kept; they call again.
/// </summary>
internal sealed partial class KnownPeers(StreamedLinks links, ServerState state, ServerConfiguration configuration, ILogger<KnownPeers> log) : IStageService
{
    /// <inheritdoc/>
    public Stage Stage => Stage.Tunnel;

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        var known = 0;
        foreach (var link in await state.Inside.List(Kinds.Links, cancellation: cancellation))
        {
            if (link.Metadata.Phase != Phase.Running)
            {
                continue;
            }

            if (TryPeer(link.Spec, out var peer))
            {
                links.Set(peer);
                known++;
            }
            else
            {
                Log.Damaged(log, link.Metadata.Id);
            }
        }

        if (known > 0)
        {
            Log.Known(log, known);
        }
    }

    /// <inheritdoc/>
    public Task Stop(CancellationToken cancellation) => Task.CompletedTask;

    private bool TryPeer(SiderolinkSpec spec, [NotNullWhen(true)] out LinkPeer? peer)
    {
        peer = null;
        var slash = spec.NodeSubnet.IndexOf('/', StringComparison.Ordinal);
        if (!PublicKey.TryParse(spec.NodePublicKey, out var key) || slash < 0 || !IPAddress.TryParse(spec.NodeSubnet.AsSpan(0, slash), out var address))
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

        [LoggerMessage(122, LogLevel.Information, "{Known} machines that joined before may come back")]
        public static partial void Known(ILogger logger, int known);
    }
}
