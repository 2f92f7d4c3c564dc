using System.Diagnostics.Metrics;
using Fleethold.Resources;

namespace Fleethold.Runtime.States;

/// <summary>Counts what is asked of the state, under upstream's name (reference/deployment.md 9).</summary>
internal static class StateMetrics
{
    private static readonly Meter Meter = new("Fleethold.Runtime");

    private static readonly Counter<long> Operations =
        Meter.CreateCounter<long>("omni_resource_operations_total", description: "Operations on resources, by operation and type.");

    public static void Count(string operation, string type)
    {
        if (Operations.Enabled)
        {
            // The type comes from outside: only those we know become a label, or strangers could make as many as they like.
            var known = Kinds.Find(type) is null ? "other" : type;
            Operations.Add(1, new("operation", operation), new("resource", known));
        }
    }
}
