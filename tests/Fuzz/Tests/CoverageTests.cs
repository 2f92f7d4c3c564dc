using Fleethold.Fuzz.Coverage;

namespace Fleethold.Fuzz.Tests;

public class CoverageTests
{
    [Fact]
    public void Branches_are_counted_for_every_target()
    {
        var names = FuzzTargets.All.Select(target => target.Name).ToList();

        var blind = names.Zip(CoverageRun.CountEdges(names)).Where(target => target.Second < 25);

        Assert.Empty(blind);
    }
}
