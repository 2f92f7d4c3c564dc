using Fleethold.Resources;
using Fleethold.Resources.Specs.TalosMachine;

namespace Fleethold.Scenarios.Joining;

/// <summary>Machines join a real server over real WireGuard and are heard; server and machines are processes in namespaces of their own.</summary>
public sealed class JoinTests
{
    [Fact]
    public async Task Fifty_machines_join_by_the_secure_flow_and_are_heard()
    {
        await using var site = await Site.Create();
        var fleet = await site.Machines(50);

        await Site.Joined(fleet, 50);

        var links = await site.List(Kinds.Links);
        Assert.Equal(50, links.Count);
        Assert.Equal(50, links.Select(link => link.Spec.NodeSubnet).Distinct().Count());
        Assert.Equal(links.Select(link => link.Id).Order(), (await site.List(Kinds.NodeUniqueTokens)).Select(token => token.Id).Order());
        Assert.Equal(links.Select(link => link.Id).Order(), (await site.List(Kinds.Machines)).Select(machine => machine.Id).Order());
        await Site.Until(
            async () => (await site.List(Kinds.MachineStatusSnapshots)).Count(one => one.Spec.MachineStatus is { Stage: MachineStatusEvent.Types.MachineStage.Maintenance, Status.Ready: true }) == 50,
            "each machine says that it is in maintenance");
        foreach (var (id, _) in links)
        {
            await Site.Until(async () => (await site.Logs(id)).Any(line => line.Contains("entering maintenance service", StringComparison.Ordinal)), $"the log of {id} is there");
        }
    }

    [Fact]
    public async Task Machines_too_old_for_unique_tokens_join_by_the_legacy_flow()
    {
        await using var site = await Site.Create();
        var fleet = await site.Machines(3, null, "--talos-version", "v1.5.5");

        await Site.Joined(fleet, 3);

        Assert.Equal(3, (await site.List(Kinds.Links)).Count);
        Assert.Empty(await site.List(Kinds.NodeUniqueTokens));
    }

    [Fact]
    public async Task Machines_whose_udp_is_blocked_join_over_grpc()
    {
        await using var site = await Site.Create();
        var fleet = await site.Machines(3, null, "--grpc-tunnel");

        await Site.Joined(fleet, 3);

        Assert.All(await site.List(Kinds.Links), link => Assert.StartsWith("[fdae:41e4:649b:9304:", link.Spec.VirtualAddrport, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_machines_with_one_uuid_become_two_links()
    {
        await using var site = await Site.Create();
        var fleet = await site.Machines(2, null, "--same-uuid");

        await Site.Joined(fleet, 2);

        var uuids = new[] { Site.Text(await fleet.Ask("machine 0"), "uuid"), Site.Text(await fleet.Ask("machine 1"), "uuid") };
        Assert.NotEqual(uuids[0], uuids[1]);
        Assert.Equal(uuids.Order(), (await site.List(Kinds.Links)).Select(link => link.Id).Order());
    }

    [Fact]
    public async Task A_reboot_changes_the_key_and_keeps_uuid_and_address()
    {
        await using var site = await Site.Create();
        var fleet = await site.Machines(1);
        await Site.Joined(fleet, 1);
        var before = await fleet.Ask("machine 0");

        Assert.Equal("ok", await fleet.Ask("reboot 0"));

        await Site.Joined(fleet, 1);
        var after = await fleet.Ask("machine 0");
        Assert.NotEqual(Site.Text(before, "key"), Site.Text(after, "key"));
        Assert.Equal(Site.Text(before, "address"), Site.Text(after, "address"));
        var (id, link) = (await site.List(Kinds.Links)).Single();
        Assert.Equal((Site.Text(before, "uuid"), Site.Text(after, "key")), (id, link.NodePublicKey));
    }

    [Fact]
    public async Task A_revoked_token_lets_nobody_new_in_but_known_machines_come_back()
    {
        await using var site = await Site.Create();
        var known = await site.Machines(1);
        await Site.Joined(known, 1);

        await site.RevokeToken();
        Assert.Equal("ok", await known.Ask("reboot 0"));
        await Site.Joined(known, 1);
        Assert.Equal("ok", await known.Ask("stop 0"));

        await known.DisposeAsync();
        var strangers = await site.Machines(2, null, "--seed", "77");
        await Site.Until(async () => Site.Number(await strangers.Ask("report"), "provisionFailures") >= 2, "the strangers are refused");
        Assert.Equal("PermissionDenied: unauthorized", Site.Text(await strangers.Ask("report"), "lastFailure"));
        Assert.Single(await site.List(Kinds.Links));
    }

    [Fact]
    public async Task After_a_crash_of_the_server_machines_are_back_without_help()
    {
        await using var site = await Site.Create();
        var fleet = await site.Machines(3);
        await Site.Joined(fleet, 3);
        var before = Site.Number(await fleet.Ask("report"), "eventsAcknowledged");

        await site.KillServer();
        await site.StartServer();
        Assert.Equal("ok", await fleet.Ask("bad-config all"));

        await Site.Until(async () => Site.Number(await fleet.Ask("report"), "eventsAcknowledged") >= before + 6, "events arrive again", () => fleet.Ask("report"));
        Assert.Equal(3, (await site.List(Kinds.Links)).Count);
    }

    [Fact]
    public async Task A_machine_that_roams_and_loses_datagrams_stays_heard()
    {
        await using var site = await Site.Create();
        var fleet = await site.Machines(1);
        await Site.Joined(fleet, 1);

        Assert.Equal("ok", await fleet.Ask("lose 0 0.2"));
        Assert.Equal("ok", await fleet.Ask("roam 0"));
        var before = Site.Number(await fleet.Ask("report"), "eventsAcknowledged");
        Assert.Equal("ok", await fleet.Ask("bad-config 0"));

        await Site.Until(async () => Site.Number(await fleet.Ask("report"), "eventsAcknowledged") >= before + 2, "events arrive from the new port", () => fleet.Ask("report"));
    }
}
