using Fleethold.Fuzz.Engine;

namespace Fleethold.Fuzz.Tests;

public class BoundedRunTests
{
    private const int Mutations = 50_000;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Fifty_thousand_mutations_bring_nothing_but_clean_refusals(string target)
    {
        Console.WriteLine($"fuzz {target}: seed {BoundedRun.Seed}");

        if (BoundedRun.Run(FuzzTargets.Find(target), BoundedRun.Seed, Mutations) is { } finding)
        {
            Assert.Fail(finding);
        }
    }

    [Fact]
    public void Names_of_targets_are_unique()
    {
        var names = FuzzTargets.All.Select(target => target.Name).ToList();

        Assert.Equal(names.Distinct(), names);
    }
}
