using Fleethold.Server.Host;
using Fleethold.SideroLink.Tunnel;

namespace Fleethold.Server.Machines;

/// <summary>Gives machines that joined before their right to a gRPC stream, and makes them peers where that hasn't happened.</summary>
internal sealed partial class KnownPeersStage(KnownPeers known, StreamedLinks links, ILogger<KnownPeersStage> log) : IStageService
{
    /// <inheritdoc/>
    public Stage Stage => Stage.Tunnel;

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        var peers = await known.Read(cancellation);
        foreach (var peer in peers)
        {
            links.Set(peer);
        }

        if (peers.Count > 0)
        {
            Log.Known(log, peers.Count);
        }
    }

    /// <inheritdoc/>
    public Task Stop(CancellationToken cancellation) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(122, LogLevel.Information, "{Known} machines that joined before may come back")]
        public static partial void Known(ILogger logger, int known);
    }
}
