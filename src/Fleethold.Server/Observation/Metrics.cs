using System.Diagnostics.Metrics;
using System.Reflection;
using OpenTelemetry.Metrics;

namespace Fleethold.Server.Observation;

/// <summary>Metrics in Prometheus' text form (reference/deployment.md 9).</summary>
internal static class Metrics
{
    private static readonly Meter Meter = new("Fleethold.Server");

    /// <summary>Our own version, which clients of the wire don't see.</summary>
    public static string Version { get; } =
        typeof(Metrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static void AddMetrics(this WebApplicationBuilder builder)
    {
        Meter.CreateObservableGauge(
            "fleethold_build_info",
            static () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", Version)),
            description: "The version of this server; always 1.");
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("Fleethold.*", "Microsoft.AspNetCore.Server.Kestrel")
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter(exporter =>
            {
                // Dashboards know the names that the instruments have.
                exporter.DisableTotalNameSuffixForCounters = true;
                exporter.ScopeInfoEnabled = false;
            }));
    }

    public static void MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint("/metrics");
}
