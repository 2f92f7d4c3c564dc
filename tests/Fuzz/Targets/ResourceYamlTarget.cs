using System.Text;
using Fleethold.Resources;
using Fleethold.Resources.Wire;

namespace Fleethold.Fuzz.Targets;

/// <summary>Resources as people write them: what is read is written so that it reads the same.</summary>
internal sealed class ResourceYamlTarget : IFuzzTarget
{
    public string Name => "resource-yaml";

    public InputShape Shape => InputShape.Yaml;

    public IReadOnlyList<string> Words { get; } =
    [
        "metadata:", "spec:", "    ", "- ", ": ", "---\n", "...\n", "|\n", "|-\n", ">+2\n", "&a ", "*a", "!!str ", "!!binary ", "{", "}", "[", "]", "? ", "<<: ", "#", "'", "\"", "\\x41",
        "2023-01-01T00:00:00Z", "running", "tearingDown", "undefined", ".inf", "0x10", "0o7", "1_000", "%YAML 1.1\n",
    ];

    public IEnumerable<byte[]> Seeds => ExampleResources.All.Select(ResourceYaml.Render).Select(Encoding.UTF8.GetBytes);

    public long AllocationLimit(int inputLength) => 1_000_000 + (inputLength * 2_000L);

    public void Run(ReadOnlySpan<byte> input)
    {
        if (!ResourceYaml.Parse(Encoding.UTF8.GetString(input)).Succeeded(out var resources, out var fault))
        {
            Check.Same(true, fault is Fault.Invalid);
            return;
        }

        foreach (var resource in resources)
        {
            var again = ResourceYaml.Parse(ResourceYaml.Render(resource)).Value;
            Check.Same(true, again.Count == 1 && again[0].SameAs(resource));
        }
    }
}
