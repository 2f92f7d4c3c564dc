using Fleethold.Server.Configuration;
using Fleethold.Server.Observation;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Fleethold.Server.Host;

/// <summary>What an operator is told at start and stop.</summary>
internal static partial class StartLog
{
    /// <summary>Tells the warnings of the configuration now, and the rest when it happens.</summary>
    public static void Tell(WebApplication app, IReadOnlyList<Problem> warnings)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Fleethold.Server.Host");
        Log.Starting(log, Metrics.Version);
        foreach (var warning in warnings)
        {
            Log.Warning(log, warning);
        }

        app.Lifetime.ApplicationStarted.Register(() =>
        {
            // The Unix socket was bound under another name first.
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Where(address => !address.Contains("//unix:", StringComparison.Ordinal));
            Log.Serving(log, string.Join(", ", [.. addresses, app.Services.GetRequiredService<ServerConfiguration>().LocalDoors.SocketPath]));
        });
        app.Lifetime.ApplicationStopping.Register(() => Log.Stopping(log));
        app.Lifetime.ApplicationStopped.Register(() => Log.Stopped(log));
    }

    private static partial class Log
    {
        [LoggerMessage(400, LogLevel.Information, "fleethold {Version} starts")]
        public static partial void Starting(ILogger logger, string version);

        [LoggerMessage(401, LogLevel.Information, "serving at {Addresses}")]
        public static partial void Serving(ILogger logger, string addresses);

        [LoggerMessage(402, LogLevel.Information, "stopping: no new calls, running ones may finish")]
        public static partial void Stopping(ILogger logger);

        [LoggerMessage(403, LogLevel.Information, "stopped")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(404, LogLevel.Warning, "configuration: {Problem}")]
        public static partial void Warning(ILogger logger, Problem problem);
    }
}
