using Fleethold.Controllers.Machines;
using Fleethold.Controllers.Machines.Joining;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Tunnel;
using Fleethold.Talos;

namespace Fleethold.Server.Machines;

/// <summary>How machines join and are heard, as parts of the server.</summary>
internal static class MachineSetup
{
    public static void AddMachines(this WebApplicationBuilder builder, ServerConfiguration configuration)
    {
        var services = builder.Services;
        services.AddSingleton<LinkConfig>();
        services.AddStage<LinkConfig>();
        services.AddSingleton<IStageService, InitialJoinToken>();
        services.AddSingleton<StreamTable>();
        services.AddSingleton<StreamedLinks>();
        if (configuration.SideroLink.HasTunnel)
        {
            services.AddSingleton<ServerTunnel>();
            services.AddSingleton<ILinkTable>(provider => provider.GetRequiredService<ServerTunnel>());
            services.AddSingleton<IDatagramInput>(provider => provider.GetRequiredService<ServerTunnel>());
            services.AddStage<ServerTunnel>();
        }
        else
        {
            services.AddSingleton<ILinkTable, NoTunnel>();
            services.AddSingleton<IDatagramInput, NoTunnel>();
        }

        services.AddSingleton<KnownPeers>();
        services.AddSingleton<KnownPeersStage>();
        services.AddStage<KnownPeersStage>();
        services.AddSingleton<LogSink>();
        services.AddStage<LogSink>();
        services.AddSingleton<IMaintenanceApi>(_ => new MaintenanceApi());
        services.AddSingleton<Upkeep>();
        services.AddStage<Upkeep>();
        services.AddSingleton(provider => new Provisioning(
            provider.GetRequiredService<ServerState>().Inside,
            new ProvisioningOptions
            {
                Mode = configuration.SideroLink.JoinTokens switch
                {
                    JoinTokensMode.Strict => JoinTokenMode.Strict,
                    JoinTokensMode.Legacy => JoinTokenMode.Legacy,
                    _ => JoinTokenMode.LegacyAllowed,
                },
                ForcesGrpcTunnel = configuration.SideroLink.ForcesGrpcTunnel,
                MaxMachines = configuration.Account.MaxMachines,
            },
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new MachineEvents(provider.GetRequiredService<ServerState>().Inside, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ProvisionEndpoint>();
        services.AddSingleton<TunnelService>();
        services.AddSingleton<EventSinkEndpoint>();
        services.AddGrpc()
            .AddServiceOptions<ProvisionEndpoint>(options => options.MaxReceiveMessageSize = ProvisionEndpoint.MaxMessage)
            .AddServiceOptions<TunnelService>(options => options.MaxReceiveMessageSize = TunnelService.MaxMessage)
            .AddServiceOptions<EventSinkEndpoint>(options => options.MaxReceiveMessageSize = EventSinkEndpoint.MaxMessage);
    }

    public static void MapMachines(this WebApplication app)
    {
        app.MapGrpcService<ProvisionEndpoint>();
        app.MapGrpcService<TunnelService>();
        app.MapGrpcService<EventSinkEndpoint>();
        var streams = app.Services.GetRequiredService<StreamTable>();
        app.Lifetime.ApplicationStopping.Register(streams.Stop);
    }

    private static void AddStage<T>(this IServiceCollection services)
        where T : class, IStageService => services.AddSingleton<IStageService>(provider => provider.GetRequiredService<T>());
}
