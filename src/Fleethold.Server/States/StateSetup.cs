using Fleethold.Runtime.States;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Storage;

namespace Fleethold.Server.States;

/// <summary>The state as a part of the server.</summary>
internal static class StateSetup
{
    public static void AddState(this WebApplicationBuilder builder, ServerConfiguration configuration)
    {
        if (configuration.Storage.Store is StoreSettings.Memory)
        {
            builder.Services.AddSingleton<StateOpener>(static (clock, _) => new(new OpenedState(ResourceState.InMemory(clock))));
        }
        else
        {
            builder.Services.AddFleetholdStorage(StoreOptions.From(configuration));
            builder.Services.AddSingleton<StateOpener>(services => services.GetRequiredService<DurableState>().Open);
            builder.Services.AddSingleton<DurableState>();
        }

        builder.Services.AddSingleton<ServerState>();
        builder.Services.AddSingleton<IStageService>(services => services.GetRequiredService<ServerState>());
        builder.Services.AddSingleton<IStageService, ControllerStage>();
    }
}
