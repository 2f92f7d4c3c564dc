using Fleethold.Resources;

namespace Fleethold.Scenarios.Joining;

/// <summary>Many machines at once, with strangers beside them.</summary>
public sealed class JoinStormTests
{
    private const int Machines = 2000;

    [Fact]
    [Trait("Category", "Long")]
    public async Task Two_thousand_machines_join_within_a_minute_beside_a_storm_of_strangers()
    {
        if (Environment.GetEnvironmentVariable("FLEETHOLD_CI") != "1")
        {
            Assert.Skip("runs with FLEETHOLD_CI=1: it needs two cores for a minute");
        }

        await using var site = await Site.Create();
        var first = await site.Machines(1, null, "--seed", "5");
        await Site.Joined(first, 1);
        var strangers = await site.Strangers(50, Site.Text(await first.Ask("machine 0"), "server")!);
        await first.DisposeAsync();
        var fleet = await site.Machines(Machines, null, "--ramp", "128");

        await Site.Joined(fleet, Machines);

        var report = await fleet.Ask("report");
        Assert.InRange(Site.Number(report, "seconds"), 1, 60);
        Assert.Equal(Machines + 1, (await site.List(Kinds.Links)).Count);
        Assert.True(Site.Number(await strangers.Ask("report"), "provisionFailures") > 0, "the strangers asked, and were refused");
    }
}
