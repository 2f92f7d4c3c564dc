using Fleethold.Controllers.Machines;
using Fleethold.Controllers.Machines.Joining;
using Fleethold.Controllers.Machines.Links;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.SideroLink.Tunnel;

namespace Fleethold.Server.Machines;

/// <summary>Looks at all links every 30 seconds, and gives up machines in limbo that don't ask any more.</summary>
internal sealed partial class Upkeep(ServerState state, StreamedLinks links, ServerConfiguration configuration, TimeProvider clock, ILogger<Upkeep> log)
    : IStageService
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <inheritdoc/>
    public Stage Stage => Stage.Controllers;

    /// <inheritdoc/>
    public Task Start(CancellationToken cancellation)
    {
        var polling = new LinkPolling(state.Inside, links, configuration.SideroLink.KeepsLastEndpoint, clock);
        _running = new MachineUpkeep(polling, new LimboCleanup(state.Inside, clock), clock).Run(failure => Log.Failed(log, failure.Message), _stopping.Token);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(131, LogLevel.Warning, "the links of machines couldn't be looked at and are in 30 s: {Why}")]
        public static partial void Failed(ILogger logger, string why);
    }
}
