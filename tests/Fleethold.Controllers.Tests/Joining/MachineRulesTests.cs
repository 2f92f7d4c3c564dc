using Fleethold.Controllers.Machines.Joining;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.Testing;
using State = Fleethold.Resources.Specs.JoinTokenStatusSpec.Types.State;

namespace Fleethold.Controllers.Tests.Joining;

/// <summary>reference/siderolink.md 2.6 to 2.9 and 4; reference/controllers.md 3 and 21.</summary>
public class MachineRulesTests
{
    private const string Uuid = "10051802-c798-4da7-a410-f09abb48c8d8";

    [Fact]
    public async Task A_link_is_a_machine_found_by_its_address()
    {
        await using var rig = await JoinRig.Start();
        var answer = await rig.Join(new JoiningMachine(Uuid) { AsksForTunnel = true });

        var machine = await rig.Get(Kinds.Machines, Uuid);
        Assert.Equal(answer.NodeAddressPrefix, $"{machine.Spec.ManagementAddress}/64");
        Assert.Equal(machine.Spec.ManagementAddress, machine.Metadata.Labels["omni.sidero.dev/address"]);
        Assert.True(machine.Spec.Connected && machine.Spec.UseGrpcTunnel);
        Assert.True(machine.Metadata.Annotations.ContainsKey("omni.sidero.dev/created-with-unique-token"));
    }

    [Fact]
    public async Task A_machine_that_doesn_t_answer_is_tried_again_and_gets_one_other_UUID()
    {
        await using var rig = await JoinRig.Start();
        await rig.Join(new JoiningMachine(Uuid));
        var clone = new JoiningMachine(Uuid) { Addresses = null };
        await rig.Answered(clone);
        Assert.False(await rig.Has(Kinds.PendingMachineStatuses, clone.Key));

        // The first call hangs until its limit; the next may come at once, as what it works on has changed meanwhile, or after a pause.
        await Deadline.Within(clone.Hanging.Task);
        clone.Addresses = [[1, 2, 3, 4, 5, 6]];
        Assert.Null(clone.UniqueToken);
        rig.Clock.Advance(TimeSpan.FromSeconds(10));
        await rig.Idle();
        rig.Clock.Advance(TimeSpan.FromSeconds(2));
        await rig.Idle();
        Assert.NotNull(clone.UniqueToken);

        await rig.Answered(clone);
        await rig.Idle();
        var uuid = clone.Uuid;
        Assert.NotEqual(Uuid, uuid);
        await rig.Join(clone);
        Assert.Equal(1, clone.Calls.Count(one => one == "meta 15"));
        Assert.Equal(uuid, clone.Uuid);
    }

    [Fact]
    public async Task A_machine_in_limbo_that_asks_again_is_answered_once_its_token_is_written()
    {
        await using var rig = await JoinRig.Start();
        rig.IsReachable = false;
        var machine = new JoiningMachine(Uuid);
        await rig.Answered(machine);
        await rig.Idle();
        var answer = rig.Ask(machine);
        Assert.False(answer.IsCompleted);

        rig.IsReachable = true;
        rig.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.IsType<ProvisionResult.Answered>(await answer);
        Assert.NotNull(machine.UniqueToken);
    }

    [Fact]
    public async Task A_machine_in_limbo_that_asks_no_more_is_given_up_with_its_peer()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid);
        await rig.Answered(machine);
        await rig.Idle();
        rig.Clock.Advance(TimeSpan.FromSeconds(30));
        await rig.Limbo.Sweep(Deadline.Token);
        await rig.Idle();
        Assert.Contains(machine.PublicKey, rig.Peers.Peers.Keys);

        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        await rig.Limbo.Sweep(Deadline.Token);
        await rig.Idle();

        Assert.Empty(rig.Peers.Peers);
        Assert.Empty(await rig.State.List(Kinds.PendingMachines));
        Assert.Empty(await rig.State.List(Kinds.PendingMachineStatuses));
        Assert.Empty(await rig.State.List(Kinds.LinkStatuses));
    }

    [Fact]
    public async Task A_removed_link_takes_everything_with_it()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid);
        await rig.Join(machine);
        await rig.Create(Kinds.MachineLabels.New(Uuid));
        await rig.Create(Kinds.KernelArgs.New(Uuid));
        rig.Clock.Advance(TimeSpan.FromSeconds(31));
        await rig.Limbo.Sweep(Deadline.Token);
        await rig.Idle();

        Assert.Null((await rig.State.Teardown(Kinds.Links.Named(Uuid))).Fault);
        await rig.Idle();

        Assert.Empty(rig.Peers.Peers);
        foreach (var kind in (ResourceKind[])
            [
                Kinds.Links, Kinds.LinkStatuses, Kinds.Machines, Kinds.MachineStatusLinks, Kinds.MachineJoinConfigs, Kinds.JoinTokenUsages, Kinds.NodeUniqueTokens,
                Kinds.MachineLabels, Kinds.KernelArgs,
            ])
        {
            Assert.Empty((await rig.State.List(kind.Ref, Resources.Queries.ResourceQuery.All)).Value);
        }
    }

    [Fact]
    public async Task A_unique_token_without_a_link_goes_after_a_minute()
    {
        await using var rig = await JoinRig.Start();
        await rig.Create(Kinds.NodeUniqueTokens.New(Uuid, new NodeUniqueTokenSpec { Token = "t" }));
        rig.Clock.Advance(TimeSpan.FromSeconds(59));
        await rig.Idle();
        Assert.True(await rig.Has(Kinds.NodeUniqueTokens, Uuid));

        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        await rig.Idle();

        Assert.False(await rig.Has(Kinds.NodeUniqueTokens, Uuid));
    }

    [Fact]
    public async Task Another_wish_about_the_tunnel_removes_the_peer_until_the_machine_asks_again()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid) { Version = "v1.5.0" };
        await rig.Answered(machine);
        await rig.Idle();

        await rig.Create(Kinds.GRPCTunnelConfigs.New(Uuid, new GRPCTunnelConfigSpec { Enabled = true }));
        await rig.Idle();
        Assert.Empty(rig.Peers.Peers);
        Assert.False(await rig.Has(Kinds.LinkStatuses, $"{Uuid}/Links.omni.sidero.dev"));

        Assert.NotEqual("", (await rig.Answered(machine)).GrpcPeerAddrPort);
        Assert.NotNull(rig.Peers.Peers[machine.PublicKey].VirtualAddress);
    }

    [Fact]
    public async Task The_state_of_a_join_token_follows_its_expiry_to_the_second_and_revocation_wins()
    {
        await using var rig = await JoinRig.Start();
        var expiry = Instant.FromDateTimeOffset(rig.Clock.GetUtcNow().AddSeconds(10));
        await rig.Change(Kinds.JoinTokens, JoinRig.Token, spec => spec.ExpirationTime = expiry.ToTimestamp());
        await rig.Idle();
        var status = await rig.Get(Kinds.JoinTokenStatuses, JoinRig.Token);
        Assert.Equal((State.Active, true, "initial token"), (status.Spec.State, status.Spec.IsDefault, status.Spec.Name));

        rig.Clock.Advance(TimeSpan.FromSeconds(10.5));
        await rig.Idle();
        Assert.Equal(State.Expired, (await rig.Get(Kinds.JoinTokenStatuses, JoinRig.Token)).Spec.State);

        await rig.Change(Kinds.JoinTokens, JoinRig.Token, spec => spec.Revoked = true);
        await rig.Idle();
        Assert.Equal(State.Revoked, (await rig.Get(Kinds.JoinTokenStatuses, JoinRig.Token)).Spec.State);

        await rig.Change(Kinds.JoinTokens, JoinRig.Token, spec => (spec.Revoked, spec.ExpirationTime) = (false, null));
        await rig.Idle();
        Assert.Equal(State.Active, (await rig.Get(Kinds.JoinTokenStatuses, JoinRig.Token)).Spec.State);
    }

    [Theory]
    [InlineData("v1.5.0", false, false, "Installed Talos version does not support unique node tokens")]
    [InlineData("v1.13.0", false, false, "Does not have the node unique token")]
    [InlineData("v1.13.0", true, false, "Talos is not installed so the generated node unique token is ephemeral")]
    [InlineData("v1.13.0", true, true, null)]
    [InlineData(null, true, true, "The machine node unique token status is not determined")]
    public async Task A_join_token_s_status_says_whom_its_revocation_locks_out(string? version, bool hasToken, bool isInstalled, string? warning)
    {
        await using var rig = await JoinRig.Start(new() { Mode = JoinTokenMode.Legacy });
        await rig.Answered(new JoiningMachine(Uuid));
        if (hasToken)
        {
            await rig.Create(Kinds.NodeUniqueTokens.New(Uuid, new NodeUniqueTokenSpec { Token = "t" }));
        }

        if (version is not null)
        {
            var status = Kinds.MachineStatuses.New(Uuid, new MachineStatusSpec { TalosVersion = version });
            await rig.Create(isInstalled ? status.With(status.Metadata.WithLabel("omni.sidero.dev/installed", "")) : status);
        }

        await rig.Idle();
        rig.Clock.Advance(TimeSpan.FromSeconds(5));
        await rig.Idle();

        var spec = (await rig.Get(Kinds.JoinTokenStatuses, JoinRig.Token)).Spec;
        Assert.Equal(1u, spec.UseCount);
        Assert.Equal(warning is null ? [] : [(Uuid, warning)], spec.Warnings.Select(one => (one.Machine, one.Message)));
    }

    [Fact]
    public async Task A_linked_machine_without_a_unique_token_is_sent_through_limbo_for_one()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid) { Version = "v1.5.0" };
        await rig.Answered(machine);
        await rig.Create(Kinds.MachineStatuses.New(Uuid, new MachineStatusSpec { TalosVersion = "v1.13.0" }));
        await rig.Idle();
        Assert.NotNull(machine.UniqueToken);

        machine.Version = "v1.13.0";
        await rig.Join(machine);
        Assert.Equal(machine.UniqueToken, (await rig.Get(Kinds.NodeUniqueTokens, Uuid)).Spec.Token);
        Assert.Empty(rig.Peers.Removed);
    }

    [Fact]
    public async Task A_machine_of_a_static_provider_appears_when_it_is_accepted()
    {
        await using var rig = await JoinRig.Start();
        await rig.Create(Labelled(Kinds.InfraProviderStatuses.New("p"), "omni.sidero.dev/is-static-infra-provider", ""));
        await rig.Create(Labelled(NewLink(), "omni.sidero.dev/infra-provider-id", "p"));
        await rig.Idle();
        Assert.False(await rig.Has(Kinds.Machines, Uuid));
        Assert.Single(rig.Peers.Peers);

        await rig.Create(Kinds.InfraMachines.New(Uuid, new InfraMachineSpec { AcceptanceStatus = InfraMachineConfigSpec.Types.AcceptanceStatus.Accepted }));
        await rig.Idle();

        var labels = (await rig.Get(Kinds.Machines, Uuid)).Metadata.Labels;
        Assert.Equal("p", labels["omni.sidero.dev/infra-provider-id"]);
        Assert.True(labels.ContainsKey("omni.sidero.dev/is-managed-by-static-infra-provider"));
    }

    [Fact]
    public async Task A_machine_of_a_provisioning_provider_appears_when_its_request_names_it()
    {
        await using var rig = await JoinRig.Start();
        await rig.Create(Kinds.InfraProviderStatuses.New("p"));
        await rig.Create(Labelled(Labelled(NewLink(), "omni.sidero.dev/infra-provider-id", "p"), "omni.sidero.dev/machine-request", "r"));
        await rig.Create(Labelled(Kinds.MachineRequests.New("r"), "omni.sidero.dev/machine-request-set", "s"));
        await rig.Create(Kinds.MachineRequestSets.New("s"), "MachineProvisionController");
        await rig.Create(Kinds.MachineRequestStatuses.New("r"));
        await rig.Idle();
        Assert.False(await rig.Has(Kinds.Machines, Uuid));

        await rig.Change(Kinds.MachineRequestStatuses, "r", spec => spec.Id = Uuid);
        await rig.Idle();

        var labels = (await rig.Get(Kinds.Machines, Uuid)).Metadata.Labels;
        Assert.Equal(("r", "s"), (labels["omni.sidero.dev/machine-request"], labels["omni.sidero.dev/machine-request-set"]));
        Assert.True(labels.ContainsKey("omni.sidero.dev/no-manual-allocation"));
    }

    [Fact]
    public async Task A_link_is_connected_for_275_seconds_after_a_handshake_and_its_traffic_is_summed()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid) { Version = "v1.5.0" };
        await rig.Answered(machine);
        await rig.Idle();
        var shake = rig.Clock.GetUtcNow();
        Heard(rig, machine, shake, 1000, 100);
        await rig.Polling.Poll(Deadline.Token);
        Heard(rig, machine, shake, 1500, 150);
        await rig.Polling.Poll(Deadline.Token);
        Heard(rig, machine, shake, 200, 20);
        await rig.Polling.Poll(Deadline.Token);
        await rig.Idle();

        Assert.Equal("192.0.2.9:5555", (await rig.Get(Kinds.Links, Uuid)).Spec.LastEndpoint);
        var counter = (await rig.Get(Kinds.MachineStatusLinks, Uuid)).Spec.SiderolinkCounter;
        Assert.Equal((200, 20), (counter.BytesReceived, counter.BytesSent));
        Assert.Equal(shake, Instant.FromTimestamp(counter.LastAlive).ToDateTimeOffset());

        rig.Clock.Advance(TimeSpan.FromSeconds(274));
        await rig.Polling.Poll(Deadline.Token);
        Assert.True((await rig.Get(Kinds.Links, Uuid)).Spec.Connected);
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        await rig.Polling.Poll(Deadline.Token);
        await rig.Idle();
        Assert.False((await rig.Get(Kinds.Links, Uuid)).Spec.Connected);
        Assert.False((await rig.Get(Kinds.Machines, Uuid)).Spec.Connected);

        var writes = rig.State.Writes;
        await rig.Polling.Poll(Deadline.Token);
        await rig.Idle();
        Assert.Equal(writes, rig.State.Writes);
    }

    [Fact]
    public async Task A_link_without_a_handshake_is_called_dead_only_after_two_rounds()
    {
        await using var rig = await JoinRig.Start();
        await rig.Answered(new JoiningMachine(Uuid) { Version = "v1.5.0" });
        await rig.Polling.Poll(Deadline.Token);
        await rig.Polling.Poll(Deadline.Token);
        Assert.True((await rig.Get(Kinds.Links, Uuid)).Spec.Connected);

        await rig.Polling.Poll(Deadline.Token);

        Assert.False((await rig.Get(Kinds.Links, Uuid)).Spec.Connected);
    }

    [Fact]
    public async Task Who_reconfigures_a_machine_or_makes_one_finds_how_it_joins()
    {
        await using var rig = await JoinRig.Start();
        await rig.Create(Kinds.InfraProviders.New("p"));
        await rig.Join(new JoiningMachine(Uuid));

        const string Api = "siderolink.api=https://omni.example.org:8090?";
        Assert.Equal($"{Api}jointoken={JoinRig.Token}", (await rig.Get(Kinds.MachineJoinConfigs, Uuid)).Spec.Config.KernelArgs[0]);
        await rig.Change(Kinds.JoinTokenUsages, Uuid, spec => spec.TokenId = "other");
        await rig.Idle();
        Assert.Equal($"{Api}jointoken=other", (await rig.Get(Kinds.MachineJoinConfigs, Uuid)).Spec.Config.KernelArgs[0]);

        Assert.StartsWith($"{Api}jointoken=v2%3A", (await rig.Get(Kinds.ProviderJoinConfigs, "p")).Spec.Config.KernelArgs[0], StringComparison.Ordinal);
        Assert.Equal("192.0.2.1:51820", (await rig.Get(Kinds.SiderolinkAPIConfigs, "siderolink-config")).Spec.WireguardAdvertisedEndpoint);
        Assert.Equal(
            $"{Api}jointoken={JoinRig.Token} talos.events.sink=[fdae:41e4:649b:9303::1]:8090 talos.logging.kernel=tcp://[fdae:41e4:649b:9303::1]:8092",
            (await rig.Get(Kinds.ConnectionParams, "siderolink-config")).Spec.Args);
    }

    private static void Heard(JoinRig rig, JoiningMachine machine, DateTimeOffset handshake, long received, long sent) =>
        rig.Peers.Activity[machine.PublicKey] =
            new LinkActivity(handshake, received, sent, PeerEndpoint.Udp(System.Net.IPAddress.Parse("192.0.2.9"), 5555), 0);

    private static Resource<SiderolinkSpec> NewLink() =>
        Kinds.Links.New(Uuid, new SiderolinkSpec { NodeSubnet = "fdae:41e4:649b:9303::a/64", NodePublicKey = new JoiningMachine("x").Key });

    private static Resource Labelled(Resource resource, string key, string value) => resource.With(resource.Metadata.WithLabel(key, value));
}
