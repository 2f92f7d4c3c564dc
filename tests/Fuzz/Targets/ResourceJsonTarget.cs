using System.Text;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;

namespace Fleethold.Fuzz.Targets;

/// <summary>Specs as the UI and REST send them: what is read is written so that it reads the same.</summary>
internal sealed class ResourceJsonTarget : IFuzzTarget
{
    public string Name => "resource-json";

    public InputShape Shape => InputShape.Text;

    public IReadOnlyList<string> Words { get; } =
    [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "-1", "1e5", "1.5", "\"\\u0041\"", "\"\\ud800\"", "\"90.5s\"", "\"1\"", "\"2023-01-01T00:00:00.5Z\"",
        "\"talos_version\":", "\"talosVersion\":", "\"kubernetes_version\":", "\"features\":", "\"backup_configuration\":", "\"interval\":",
    ];

    public IEnumerable<byte[]> Seeds => new[]
    {
        "{}",
        "{\"kubernetes_version\":\"1.32.0\",\"talos_version\":\"1.9.0\",\"features\":{\"enable_workload_proxy\":true,\"disk_encryption\":true},\"backup_configuration\":{\"interval\":\"3600s\",\"enabled\":true}}",
    }.Select(Encoding.UTF8.GetBytes);

    public long AllocationLimit(int inputLength) => 1_000_000 + (inputLength * 1_000L);

    public void Run(ReadOnlySpan<byte> input)
    {
        if (!ResourceJson.ParseSpec(ClusterSpec.Descriptor, Encoding.UTF8.GetString(input)).Succeeded(out var spec, out var fault))
        {
            Check.Same(true, fault is Fault.Invalid);
            return;
        }

        Check.Same(spec, ResourceJson.ParseSpec(ClusterSpec.Descriptor, ResourceJson.RenderSpec(spec)).Value);
    }
}
