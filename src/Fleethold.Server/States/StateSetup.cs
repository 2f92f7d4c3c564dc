using Fleethold.Server.Host;

namespace Fleethold.Server.States;

/// <summary>The state as a part of the server.</summary>
internal static class StateSetup
{
    public static void AddState(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<StoreOpener>(Store.Open);
        builder.Services.AddSingleton<ServerState>();
        builder.Services.AddSingleton<IStageService>(services => services.GetRequiredService<ServerState>());
    }
}
