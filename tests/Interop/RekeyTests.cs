using System.Text.RegularExpressions;
using Fleethold.Interop.Topology;

namespace Fleethold.Interop;

/// <summary>Sessions are renewed after 120 s while traffic flows: two minutes in real time, beside the other tests.</summary>
public sealed partial class RekeyTests
{
    [Fact]
    public Task Sessions_are_renewed_by_either_side_without_the_loss_of_a_packet() => Task.WhenAll(Renew(ourServer: true), Renew(ourServer: false));

    private static async Task Renew(bool ourServer)
    {
        await using var setup = await Setup.Create();
        AgentProcess ours;
        if (ourServer)
        {
            ours = await setup.OurServer();
            await setup.TheirMachine(Setup.Outside(4));
        }
        else
        {
            await setup.TheirServer();
            ours = await setup.OurMachine(Setup.Outside(4));
        }

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        var peer = ourServer ? setup.Machine.Public : setup.Server.Public;
        var first = (await Setup.Find(ours, peer)).Handshake;

        var output = await Shell.In(setup.Net.Machine, "ping", "-6", "-n", "-q", "-i", "0.25", "-c", "520", Setup.ServerAddress);

        var counts = Counts().Match(output);
        Assert.Equal("520", counts.Groups["sent"].Value);
        Assert.Equal("520", counts.Groups["received"].Value);
        var age = (await Setup.Find(ours, peer)).Handshake - first;
        Assert.InRange(age, 119_000, 131_000);
        Assert.Contains("handshakes=2", await ours.Ask("counters"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(?<sent>\d+) packets transmitted, (?<received>\d+) received")]
    private static partial Regex Counts();
}
