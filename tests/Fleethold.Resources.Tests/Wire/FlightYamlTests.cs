using Fleethold.Resources.Wire;
using Fleethold.Testing;
using static Fleethold.Resources.Tests.Wire.EncodingVectors;

namespace Fleethold.Resources.Tests.Wire;

[Trait("Category", Vectors.Category)]
public class FlightYamlTests
{
    [Theory]
    [InlineData("flight/events.jsonl", 3000)]
    [InlineData("infra/flight.jsonl", 300)]
    public void Every_recorded_document_can_be_read_and_shown_again(string file, int atLeast)
    {
        var problems = new List<string>();
        var checkedCount = 0;
        foreach (var line in Vectors.JsonLines(file).Where(line => line.Has("yaml")))
        {
            var yaml = line.Text("yaml");
            var outcome = ResourceYaml.Parse(yaml);
            if (outcome.Fault is { } fault)
            {
                // The record shows bytes as text, which is no form of input.
                if (!fault.Message.EndsWith("must be a list of numbers from 0 to 255", StringComparison.Ordinal))
                    problems.Add($"{line.Text("type")} {line.Text("id")}: {fault.Message}");

                continue;
            }

            checkedCount++;
            if (ResourceYaml.RenderUnfolded(outcome.Value.Single()) is var again && again != yaml)
                problems.Add($"{line.Text("type")} {line.Text("id")}: {Difference(yaml, again)}");
        }

        None(problems);
        Assert.True(checkedCount >= atLeast, $"only {checkedCount} documents compared");
    }
}
