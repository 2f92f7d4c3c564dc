using Fleethold.Testing;

namespace Fleethold.Controllers.Tests;

public class GraphTests
{
    /// <summary>FLEETHOLD_UPDATE=1 writes the file anew.</summary>
    [Fact]
    public void The_drawing_in_the_documentation_shows_the_controllers_that_there_are()
    {
        var path = Repository.PathOf("docs", "controllers.md");
        var expected = $"""
            # Controllers

            What reads and writes what, drawn from the declarations in `src/Fleethold.Controllers`. This file is generated: run the tests of
            `Fleethold.Controllers.Tests` with `FLEETHOLD_UPDATE=1` after a change.

            ```mermaid
            {Rules.All.Graph.ToMermaid().TrimEnd()}
            ```

            """;
        if (Environment.GetEnvironmentVariable("FLEETHOLD_UPDATE") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }
}
