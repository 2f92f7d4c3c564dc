using Fleethold.Controllers;
using Fleethold.Runtime.Controllers;
using Fleethold.Server.Host;

namespace Fleethold.Server.States;

/// <summary>Runs the business rules while the state is open.</summary>
internal sealed class ControllerStage(ServerState state, TimeProvider clock, ILogger<ControllerEngine> log) : IStageService
{
    private ControllerEngine? _engine;

    /// <inheritdoc/>
    public Stage Stage => Stage.Controllers;

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        _engine = new ControllerEngine(state.Inside, Rules.All, clock, new Random(), log);
        await _engine.StartAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }
    }
}
