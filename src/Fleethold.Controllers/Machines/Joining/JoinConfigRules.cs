using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.Controllers;
using Fleethold.SideroLink.Provision;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>
/// What machines and providers are told to join (reference/siderolink.md 6.4). A server that doesn't say where machines register tells nobody.
/// </summary>
internal static class JoinConfigRules
{
    /// <summary>Of a machine, by the token that it joined with: nothing that reconfigures the machine may cut it off.</summary>
    public static Controller ForMachines(RuleSettings settings) =>
        Controller.Transform("MachineJoinConfigController", Kinds.Machines, Kinds.MachineJoinConfigs)
            .AlsoReads(Kinds.JoinTokenUsages, Map.SameId)
            .AlsoReads(Kinds.GRPCTunnelConfigs, Map.SameId)
            .WithConcurrency(4)
            .Do(async (context, machine, output, cancellation) =>
            {
                var usage = await context.Get(Kinds.JoinTokenUsages, machine.Metadata.Id, cancellation);
                if (usage.Fault is { } unused)
                {
                    return unused is Fault.NotFound ? Reconciled.Skip : unused;
                }

                var tunnel = await context.Get(Kinds.GRPCTunnelConfigs, machine.Metadata.Id, cancellation);
                if (tunnel.Fault is { } fault and not Fault.NotFound)
                {
                    return fault;
                }

                var options = Options(settings, usage.Value.Spec.TokenId) with
                {
                    UseGrpcTunnel = tunnel.Fault is null ? tunnel.Value.Spec.Enabled : machine.Spec.UseGrpcTunnel,
                    ExtraData = ExtraOf(machine.Metadata.Labels),
                };
                return Render(options, config => output.Spec.Config = config);
            });

    /// <summary>Of a provider, which hands it to its machines; its token is made once.</summary>
    public static Controller ForProviders(RuleSettings settings) =>
        Controller.Transform("ProviderJoinConfigController", Kinds.InfraProviders, Kinds.ProviderJoinConfigs)
            .WithConcurrency(4)
            .Do((provider, output) =>
            {
                if (output.Spec.JoinToken.Length == 0)
                {
                    output.Spec.JoinToken = JoinToken.Generate();
                }

                var options = Options(settings, output.Spec.JoinToken) with
                {
                    ExtraData = new Dictionary<string, string> { [JoinOptions.ProviderLabel] = provider.Metadata.Id },
                };
                Render(options, config => output.Spec.Config = config);
            });

    /// <summary>The endpoints of machines, for those who may read no secrets.</summary>
    public static Controller ApiConfig(RuleSettings settings) =>
        Controller.Transform("SiderolinkAPIConfigController", Kinds.Configs, Kinds.SiderolinkAPIConfigs)
            .Do((config, output) => output.Spec = new SiderolinkAPIConfigSpec
            {
                MachineApiAdvertisedUrl = settings.MachineApiUrl,
                WireguardAdvertisedEndpoint = EndpointOf(config.Spec),
                EnforceGrpcTunnel = settings.ForcesGrpcTunnel,
                EventsPort = settings.EventSinkPort,
                LogsPort = settings.LogServerPort,
            });

    /// <summary>The same with the default token, for old clients.</summary>
    public static Controller ConnectionParams(RuleSettings settings) =>
        Controller.Transform("ConnectionParamsController", Kinds.Configs, Kinds.ConnectionParams)
            .AlsoReads(Kinds.DefaultJoinTokens, Map.To(MachineNames.LinkConfig))
            .Do(async (context, config, output, cancellation) =>
            {
                var chosen = await context.Get(Kinds.DefaultJoinTokens, MachineNames.DefaultToken, cancellation);
                if (chosen.Fault is { } fault)
                {
                    return fault is Fault.NotFound ? Reconciled.Skip : fault;
                }

                var token = chosen.Value.Spec.TokenId;
                return Render(Options(settings, token) with { UseGrpcTunnel = settings.ForcesGrpcTunnel }, rendered =>
                    output.Spec = new ConnectionParamsSpec
                    {
                        Args = string.Join(' ', rendered.KernelArgs),
                        ApiEndpoint = settings.MachineApiUrl,
                        WireguardEndpoint = EndpointOf(config.Spec),
                        JoinToken = token,
                        UseGrpcTunnel = settings.ForcesGrpcTunnel,
                        EventsPort = settings.EventSinkPort,
                        LogsPort = settings.LogServerPort,
                    });
            });

    private static JoinOptions Options(RuleSettings settings, string token) => new()
    {
        MachineApiUrl = settings.MachineApiUrl,
        Token = token,
        EventSinkPort = settings.EventSinkPort,
        LogServerPort = settings.LogServerPort,
        TrustedRoots = settings.TrustedRoots,
    };

    private static Reconciled Render(JoinOptions options, Action<Fleethold.Resources.Specs.JoinConfig> use)
    {
        if (options.MachineApiUrl.Length == 0)
        {
            return Reconciled.Skip;
        }

        if (!JoinArtefacts.TryCreate(options, out var config, out var error))
        {
            return new Fault.Invalid(error);
        }

        use(new Fleethold.Resources.Specs.JoinConfig { Config = config.Documents, KernelArgs = { config.KernelArguments } });
        return Reconciled.Done;
    }

    private static Dictionary<string, string>? ExtraOf(StringMap labels)
    {
        var extra = new Dictionary<string, string>();
        foreach (var key in (string[])[JoinOptions.ProviderLabel, JoinOptions.RequestLabel])
        {
            if (labels.TryGetValue(key, out var value))
            {
                extra[key] = value;
            }
        }

        return extra.Count > 0 ? extra : null;
    }

    private static string EndpointOf(SiderolinkConfigSpec config) =>
        config.AdvertisedEndpoint.Length > 0 ? config.AdvertisedEndpoint : config.WireguardEndpoint;
}
