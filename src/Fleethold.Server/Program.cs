using Fleethold.Server.Access;
using Fleethold.Server.Api;
using Fleethold.Server.Commands;
using Fleethold.Server.Configuration;
using Fleethold.Server.Edge;
using Fleethold.Server.Host;
using Fleethold.Server.Machines;
using Fleethold.Server.Observation;
using Fleethold.Server.States;

namespace Fleethold.Server;

/// <summary>The executable <c>fleethold</c>, and the architecture of the server as a list.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) => Executable.Run(arguments, Console.Out, Console.Error);

    /// <summary>A server that is put together but not started. Nothing is opened or bound before it starts.</summary>
    /// <param name="configuration">What is served, and where.</param>
    /// <param name="clock">The clock of everything; null for the system's.</param>
    /// <param name="replace">Puts parts in the place of others, for tests.</param>
    public static WebApplication Compose(ServerConfiguration configuration, TimeProvider? clock = null, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "fleethold" });
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddRouting();

        builder.AddLogs(configuration.Logs);
        builder.AddMetrics();
        builder.AddStages();
        builder.AddState(configuration);
        builder.AddCertificates();
        builder.AddStateApi();
        builder.AddManagementApi();
        builder.AddMachines(configuration);
        builder.AddDoors();

        replace?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseRouting();
        app.UseStopping();
        app.UseAccess();
        app.MapStateApi();
        app.MapManagementApi();
        app.MapMachines();
        app.MapHealth();
        app.MapMetrics();
        app.MapUnknown();
        return app;
    }
}
