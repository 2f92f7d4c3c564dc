using Fleethold.Controllers;
using Fleethold.Runtime.Controllers;
using Fleethold.Server.Configuration;
using Fleethold.Server.Edge;
using Fleethold.Server.Host;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Tunnel;
using Fleethold.Talos;

namespace Fleethold.Server.States;

/// <summary>Runs the business rules while the state is open.</summary>
internal sealed class ControllerStage(
    ServerState state, StreamedLinks links, IMaintenanceApi machines, ServerConfiguration configuration, TimeProvider clock, ILogger<ControllerEngine> log)
    : IStageService
{
    private ControllerEngine? _engine;

    /// <inheritdoc/>
    public Stage Stage => Stage.Controllers;

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        var rules = Rules.For(new RulePorts(links, machines, await Settings(cancellation)));
        _engine = new ControllerEngine(state.Inside, rules, clock, new Random(), log);
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

    private async Task<RuleSettings> Settings(CancellationToken cancellation)
    {
        var settings = configuration.SideroLink;
        return new RuleSettings
        {
            ForcesGrpcTunnel = settings.ForcesGrpcTunnel,
            MachineApiUrl = settings.MachineApi.AdvertisedUrl,
            EventSinkPort = settings.EventSinkPort,
            LogServerPort = settings.LogServerPort,
            TrustedRoots = configuration.MachinesMeetOwnCertificate
                ? new TrustedRoots(await File.ReadAllTextAsync(ServerCertificates.CaFileIn(configuration.Storage.DataDirectory), cancellation))
                : null,
            UsesUniqueTokens = settings.JoinTokens != JoinTokensMode.Legacy,
        };
    }
}
