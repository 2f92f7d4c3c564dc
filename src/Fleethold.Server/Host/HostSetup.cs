using Fleethold.Server.Api;
using Grpc.Core;

namespace Fleethold.Server.Host;

/// <summary>Ordered start and stop.</summary>
internal static class HostSetup
{
    /// <summary>The longest that a stop waits for running calls; whoever stops us by force should give more (systemd gives 90 s, Kubernetes 30 s).</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(20);

    public static void AddStages(this WebApplicationBuilder builder)
    {
        // Hosted services start in the order of registration and stop in reverse; the listeners are registered last by the builder.
        builder.Services.AddHostedService<Stages>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopWithin);
    }

    /// <summary>Once the server stops, calls on connections that are still open are refused, and clients go elsewhere or come again.</summary>
    public static void UseStopping(this WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        app.Use((context, next) =>
        {
            if (!stopping.IsCancellationRequested)
            {
                return next(context);
            }

            return Refusal.Write(context, StatusCode.Unavailable, Refusal.Stopping);
        });
    }
}
