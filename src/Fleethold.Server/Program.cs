using Fleethold.Server.Access;
using Fleethold.Server.Api;
using Fleethold.Server.Commands;
using Fleethold.Server.Edge;
using Fleethold.Server.Host;
using Fleethold.Server.Observation;
using Fleethold.Server.States;

namespace Fleethold.Server;

/// <summary>The executable <c>fleethold</c>, and the architecture of the server as a list.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) => CommandLine.Run(arguments, Console.Out, Console.Error);

    /// <summary>A server that is put together but not started. Nothing is opened or bound before it starts.</summary>
    public static WebApplication Compose(ServerOptions options, TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "fleethold" });
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddRouting();

        builder.AddLogs(options);
        builder.AddMetrics();
        builder.AddStages(options);
        builder.AddState();
        builder.AddCertificates();
        builder.AddStateApi();
        builder.AddDoors();

        var app = builder.Build();
        app.UseRouting();
        app.UseStopping();
        app.UseAccess();
        app.MapStateApi();
        app.MapHealth();
        app.MapMetrics();
        app.MapUnknown();
        return app;
    }
}
