using Fleethold.Controllers.Machines.Joining;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.SideroLink.Provision;
using Fleethold.Testing;
using Grpc.Core;

namespace Fleethold.Controllers.Tests.Joining;

/// <summary>reference/siderolink.md 1.3, 1.4, 2.2, 2.3 and 2.5.</summary>
public class ProvisioningTests
{
    private const string Uuid = "10051802-c798-4da7-a410-f09abb48c8d8";
    private const string Force = "siderolink.omni.sidero.dev/force-valid-node-unique-token";
    private const string NoProvider = "the infra provider is being deleted or doesn't exist";

    [Fact]
    public async Task A_new_machine_goes_through_limbo_and_becomes_a_link_with_the_same_address_and_peer()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid);

        var first = await rig.Answered(machine);
        Assert.False(await rig.Has(Kinds.Links, Uuid));
        await rig.Idle();
        var pending = await rig.Get(Kinds.PendingMachines, machine.Key);
        Assert.Equal(Uuid, pending.Metadata.Labels["omni.sidero.dev/machine-uuid"]);
        Assert.Equal(["disks", "links", "meta 16"], machine.Calls);

        var second = await rig.Answered(machine);
        await rig.Idle();

        Assert.Equal(first, second);
        Assert.Equal(["192.0.2.1:51820"], second.ServerEndpoint);
        Assert.Equal("fdae:41e4:649b:9303::1", second.ServerAddress);
        Assert.Equal("0hI2qNA56+3Q/N4+9dubqgruij+M+aIJn+S7/RPUdlw=", second.ServerPublicKey);
        Assert.Equal("", second.GrpcPeerAddrPort);
        var link = await rig.Get(Kinds.Links, Uuid);
        Assert.Equal(second.NodeAddressPrefix, link.Spec.NodeSubnet);
        Assert.True(link.Spec.Connected);
        Assert.True(link.Metadata.Annotations.ContainsKey("omni.sidero.dev/created-with-unique-token"));
        Assert.Equal(JoinRig.Token, (await rig.Get(Kinds.JoinTokenUsages, Uuid)).Spec.TokenId);
        Assert.Equal(machine.UniqueToken, (await rig.Get(Kinds.NodeUniqueTokens, Uuid)).Spec.Token);
        Assert.Empty(rig.Peers.Removed);
        Assert.Equal(JoinRig.AddressOf(link.Spec.NodeSubnet), rig.Peers.Peers[machine.PublicKey].Address);
    }

    [Fact]
    public async Task A_join_costs_forty_writes_at_most_and_a_repetition_none()
    {
        await using var rig = await JoinRig.Start();
        var before = rig.State.Writes;
        var machine = new JoiningMachine(Uuid);
        await rig.Join(machine);
        var joined = rig.State.Writes;

        await rig.Answered(machine);
        await rig.Idle();
        Assert.Equal(joined, rig.State.Writes);

        rig.Clock.Advance(TimeSpan.FromSeconds(31));
        await rig.Idle();
        await rig.Limbo.Sweep(Deadline.Token);
        await rig.Idle();
        Assert.False(await rig.Has(Kinds.PendingMachines, machine.Key));
        Assert.False(await rig.Has(Kinds.PendingMachineStatuses, machine.Key));
        Assert.InRange(rig.State.Writes - before, 1, 40);
        TestContext.Current.TestOutputHelper?.WriteLine($"{rig.State.Writes - before} writes");
        Assert.Contains(machine.PublicKey, rig.Peers.Peers.Keys);
    }

    [Fact]
    public async Task Several_endpoints_are_sent_with_the_first_and_last_swapped_and_untrimmed()
    {
        await using var rig = await JoinRig.Start();
        await rig.Change(Kinds.Configs, "siderolink-config", spec => spec.AdvertisedEndpoint = "a:1, b:2,c:3");

        Assert.Equal(["c:3", " b:2", "a:1"], (await rig.Answered(new JoiningMachine(Uuid))).ServerEndpoint);
    }

    [Fact]
    public async Task Without_an_advertised_endpoint_the_bound_one_is_sent()
    {
        await using var rig = await JoinRig.Start();
        await rig.Change(Kinds.Configs, "siderolink-config", spec => (spec.AdvertisedEndpoint, spec.WireguardEndpoint) = ("", "192.0.2.7:51820"));

        Assert.Equal(["192.0.2.7:51820"], (await rig.Answered(new JoiningMachine(Uuid))).ServerEndpoint);
    }

    [Theory]
    [InlineData(JoinTokenMode.Legacy, "v1.5.9", false)]
    [InlineData(JoinTokenMode.Legacy, "v1.13.0", false)]
    [InlineData(JoinTokenMode.LegacyAllowed, "v1.5.9", false)]
    [InlineData(JoinTokenMode.LegacyAllowed, null, false)]
    [InlineData(JoinTokenMode.LegacyAllowed, "v1.6.0-alpha.0", false)]
    [InlineData(JoinTokenMode.LegacyAllowed, "v1.6.0", true)]
    [InlineData(JoinTokenMode.Strict, "v1.6.0", true)]
    public async Task The_mode_and_version_decide_about_limbo(JoinTokenMode mode, string? version, bool isLimbo)
    {
        await using var rig = await JoinRig.Start(new() { Mode = mode });
        var machine = new JoiningMachine(Uuid) { Version = version };

        await rig.Answered(machine);

        Assert.Equal(isLimbo, await rig.Has(Kinds.PendingMachines, machine.Key));
        Assert.Equal(!isLimbo, await rig.Has(Kinds.Links, Uuid));
    }

    [Theory]
    [InlineData("v1.5.9", "v1.5.9")]
    [InlineData(null, "1.5.0")]
    [InlineData("nonsense", "nonsense")]
    public async Task The_strict_mode_refuses_what_has_no_token_of_its_own(string? version, string shown)
    {
        await using var rig = await JoinRig.Start(new() { Mode = JoinTokenMode.Strict });

        await rig.Refused(
            new JoiningMachine(Uuid) { Version = version },
            StatusCode.FailedPrecondition,
            $"Talos version {shown} is not supported on this Omni instance as '--join-tokens-mode' is set to 'strict'");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong")]
    public async Task Without_a_valid_token_of_either_kind_nobody_joins(string? token)
    {
        await using var rig = await JoinRig.Start();
        var writes = rig.State.Writes;

        await rig.Refused(new JoiningMachine(Uuid) { JoinToken = token }, StatusCode.PermissionDenied, "unauthorized");
        await rig.Refused(new JoiningMachine(Uuid) { JoinToken = token, Version = "v1.5.0" }, StatusCode.PermissionDenied, "unauthorized");

        Assert.Equal(writes, rig.State.Writes);
    }

    [Fact]
    public async Task A_token_that_can_t_be_read_is_told()
    {
        await using var rig = await JoinRig.Start();

        var refused = Assert.IsType<ProvisionResult.Refused>(await rig.Ask(new JoiningMachine(Uuid) { JoinToken = "v2:%%%" }));

        Assert.Equal(StatusCode.PermissionDenied, refused.Code);
        Assert.StartsWith("invalid join token ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unique_token_that_isn_t_JSON_is_told()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid);
        machine.Write(16, "{");

        Assert.Equal(StatusCode.PermissionDenied, Assert.IsType<ProvisionResult.Refused>(await rig.Ask(machine)).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2hvcnQ=")]
    [InlineData("!!!!")]
    public async Task A_bad_public_key_is_told(string key)
    {
        await using var rig = await JoinRig.Start();
        var request = new JoiningMachine(Uuid).Request();
        request.NodePublicKey = key;

        var refused = Assert.IsType<ProvisionResult.Refused>(await rig.Provisioning.Provision(request, Deadline.Token));

        Assert.Equal(StatusCode.InvalidArgument, refused.Code);
        Assert.StartsWith("error parsing Wireguard key: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_field_has_a_limit()
    {
        await using var rig = await JoinRig.Start();
        foreach (var change in (Action<SideroLink.Wire.ProvisionRequest>[])
            [
                request => request.NodeUuid = "",
                request => request.NodeUuid = new string('a', 65),
                request => request.NodeUuid = "a b",
                request => request.NodeUuid = "a/b",
                request => request.JoinToken = new string('a', JoinToken.MaxLength + 1),
                request => request.NodeUniqueToken = new string('a', NodeUniqueToken.MaxLength + 1),
                request => request.TalosVersion = new string('1', 65),
                request => request.TalosVersion = "1\n2",
            ])
        {
            var request = new JoiningMachine(Uuid).Request();
            change(request);
            Assert.Equal(
                StatusCode.InvalidArgument, Assert.IsType<ProvisionResult.Refused>(await rig.Provisioning.Provision(request, Deadline.Token)).Code);
        }
    }

    [Fact]
    public async Task A_machine_whose_link_is_being_removed_waits()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid);
        await rig.Join(machine);
        Assert.Null((await rig.State.AddFinalizer(Kinds.Links.Named(Uuid), "somebody")).Fault);
        Assert.Null((await rig.State.Teardown(Kinds.Links.Named(Uuid))).Fault);
        await rig.Idle();

        const string Going = "the machine with the same UUID is already registered in Omni and is in the tearing down phase";
        await rig.Refused(machine, StatusCode.AlreadyExists, Going);
        await rig.Refused(new JoiningMachine(Uuid) { Version = "v1.5.0" }, StatusCode.AlreadyExists, Going);

        Assert.Null(await rig.State.RemoveFinalizer(Kinds.Links.Named(Uuid), "somebody"));
        await rig.Idle();
        Assert.False(await rig.Has(Kinds.Links, Uuid));
        await rig.Join(machine);
        Assert.Equal(machine.UniqueToken, (await rig.Get(Kinds.NodeUniqueTokens, Uuid)).Spec.Token);
    }

    [Fact]
    public async Task The_limit_of_registrations_counts_links_and_lets_known_machines_in()
    {
        await using var rig = await JoinRig.Start(new() { MaxMachines = 1 });
        var first = new JoiningMachine("a") { Version = "v1.5.0" };
        await rig.Answered(first);

        await rig.Refused(
            new JoiningMachine("b") { Version = "v1.5.0" }, StatusCode.ResourceExhausted, "machine registration limit reached: 1/1 machines registered");
        first.Reboot();
        await rig.Answered(first);
        await rig.Answered(new JoiningMachine("c"));
    }

    [Fact]
    public async Task Of_many_that_come_at_once_no_more_than_the_limit_register()
    {
        await using var rig = await JoinRig.Start(new() { MaxMachines = 5 });

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(one => rig.Ask(new JoiningMachine($"m{one}") { Version = "v1.5.0" })));

        Assert.Equal(5, results.OfType<ProvisionResult.Answered>().Count());
        Assert.Equal(5, (await rig.State.List(Kinds.Links)).Count);
    }

    [Fact]
    public async Task Without_a_peer_within_five_seconds_the_answer_is_an_internal_error()
    {
        await using var rig = await JoinRig.Start(runs: false);
        await rig.Create(Kinds.JoinTokenStatuses.New(JoinRig.Token, new JoinTokenStatusSpec { State = JoinTokenStatusSpec.Types.State.Active }));
        using var pendings = rig.State.WatchKind(Kinds.PendingMachines.Ref, Resources.Queries.ResourceQuery.All, WatchOptions.FromNow).Value;
        var answer = rig.Ask(new JoiningMachine(Uuid));
        await pendings.WaitAsync(Deadline.Token);

        while (!answer.IsCompleted)
        {
            rig.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(new ProvisionResult.Refused(StatusCode.Internal, "internal server error"), await answer);
    }

    [Fact]
    public async Task The_status_of_an_older_key_doesn_t_make_an_answer()
    {
        await using var rig = await JoinRig.Start(runs: false);
        await rig.Create(Kinds.JoinTokenStatuses.New(JoinRig.Token, new JoinTokenStatusSpec { State = JoinTokenStatusSpec.Types.State.Active }));
        var machine = new JoiningMachine(Uuid) { Version = "v1.5.0" };
        var id = $"{Uuid}/Links.omni.sidero.dev";
        await rig.Create(Kinds.LinkStatuses.New(id, new LinkStatusSpec { NodePublicKey = "old" }));
        var answer = rig.Ask(machine);
        Assert.False(answer.IsCompleted);

        await rig.Change(Kinds.LinkStatuses, id, spec => spec.NodePublicKey = machine.Key);

        Assert.IsType<ProvisionResult.Answered>(await answer);
    }

    [Fact]
    public async Task A_state_that_can_t_be_read_at_the_start_is_unknown_with_its_text()
    {
        await using var rig = await JoinRig.Start();
        rig.State.BrokenType = Kinds.NodeUniqueTokens.Type;

        await rig.Refused(new JoiningMachine(Uuid), StatusCode.Unknown, "the disk is full");
    }

    [Fact]
    public async Task A_provider_s_token_labels_the_link_and_needs_the_provider()
    {
        await using var rig = await JoinRig.Start();
        await rig.Create(Kinds.InfraProviders.New("p"));
        await rig.Idle();
        var secret = (await rig.Get(Kinds.ProviderJoinConfigs, "p")).Spec.JoinToken;
        var extra = new Dictionary<string, string> { [JoinOptions.ProviderLabel] = "p", [JoinOptions.RequestLabel] = "r" };
        Assert.True(JoinToken.TrySign(secret, extra, JoinTokenVersion.V2, out var token, out _));
        var machine = new JoiningMachine(Uuid) { JoinToken = token.Encode() };

        await rig.Join(machine);
        var labels = (await rig.Get(Kinds.Links, Uuid)).Metadata.Labels;
        Assert.Equal(("p", "r"), (labels[JoinOptions.ProviderLabel], labels[JoinOptions.RequestLabel]));

        rig.State.BrokenType = Kinds.InfraProviders.Type;
        await rig.Refused(machine, StatusCode.Internal, "failed to fetch infra provider p");
        rig.State.BrokenType = null;
        Assert.Null((await rig.State.AddFinalizer(Kinds.InfraProviders.Named("p"), "somebody")).Fault);
        Assert.Null((await rig.State.Teardown(Kinds.InfraProviders.Named("p"))).Fault);
        await rig.Refused(machine, StatusCode.NotFound, NoProvider);
    }

    [Theory]
    [InlineData(JoinTokenVersion.V1)]
    [InlineData(JoinTokenVersion.V2)]
    public async Task Signed_tokens_without_a_provider_go_by_the_default_token(JoinTokenVersion version)
    {
        await using var rig = await JoinRig.Start();
        Assert.True(JoinToken.TrySign(JoinRig.Token, new Dictionary<string, string> { ["a"] = "b" }, version, out var token, out _));

        await rig.Answered(new JoiningMachine(Uuid) { JoinToken = token.Encode() });
        await rig.Create(Kinds.JoinTokens.New("other", new JoinTokenSpec { Name = "other" }));
        await rig.Change(Kinds.DefaultJoinTokens, "default", spec => spec.TokenId = "other");
        await rig.Idle();
        await rig.Refused(new JoiningMachine(Uuid) { JoinToken = token.Encode() }, StatusCode.PermissionDenied, "unauthorized");
        await rig.Answered(new JoiningMachine(Uuid));
    }

    [Fact]
    public async Task A_machine_with_its_own_token_comes_back_after_the_join_token_is_revoked()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid);
        await rig.Join(machine);
        await rig.Change(Kinds.JoinTokens, JoinRig.Token, spec => spec.Revoked = true);
        await rig.Idle();
        var address = (await rig.Get(Kinds.Links, Uuid)).Spec.NodeSubnet;
        var oldKey = machine.PublicKey;

        machine.Reboot();
        Assert.Equal(address, (await rig.Answered(machine)).NodeAddressPrefix);
        await rig.Idle();
        Assert.Contains(machine.PublicKey, rig.Peers.Peers.Keys);
        Assert.DoesNotContain(oldKey, rig.Peers.Peers.Keys);
        await rig.Refused(new JoiningMachine("other"), StatusCode.PermissionDenied, "unauthorized");
    }

    [Fact]
    public async Task An_old_machine_can_t_take_over_a_link_that_has_a_unique_token_but_in_the_legacy_mode()
    {
        foreach (var mode in (JoinTokenMode[])[JoinTokenMode.LegacyAllowed, JoinTokenMode.Legacy])
        {
            await using var rig = await JoinRig.Start(new() { Mode = mode });
            await rig.Create(Kinds.NodeUniqueTokens.New(Uuid, new NodeUniqueTokenSpec { Token = """{"Fingerprint":"f","Token":"t"}""" }));
            var old = new JoiningMachine(Uuid) { Version = "v1.5.0" };
            if (mode == JoinTokenMode.Legacy)
            {
                await rig.Answered(old);
            }
            else
            {
                await rig.Refused(old, StatusCode.PermissionDenied, "unauthorized");
            }
        }
    }

    [Theory]
    [InlineData("same", "other", false, "link")]
    [InlineData("same", "other", true, "refused")]
    [InlineData("other", "same", false, "link")]
    [InlineData("other", "same", true, "link")]
    [InlineData("other", "other", false, "conflict")]
    [InlineData("other", "other", true, "conflict")]
    [InlineData("", "other", false, "conflict")]
    public async Task What_is_stored_decides_about_a_presented_token(string fingerprint, string secret, bool isForced, string expected)
    {
        await using var rig = await JoinRig.Start();
        var stored = new NodeUniqueToken(fingerprint.Length == 0 ? "" : "same", "same").Encode();
        await rig.Create(Kinds.NodeUniqueTokens.New(Uuid, new NodeUniqueTokenSpec { Token = stored }));
        var link = Kinds.Links.New(Uuid, new SiderolinkSpec { NodeSubnet = "fdae:41e4:649b:9303::a/64", NodePublicKey = new JoiningMachine("x").Key });
        await rig.Create(isForced ? link.With(link.Metadata.WithAnnotation(Force, "")) : link);
        var machine = new JoiningMachine(Uuid);
        var presented = new NodeUniqueToken(fingerprint, secret).Encode();
        machine.Write(16, presented);

        var result = await rig.Ask(machine);

        if (expected == "refused")
        {
            Assert.Equal(new ProvisionResult.Refused(StatusCode.PermissionDenied, "unauthorized"), result);
        }

        Assert.Equal(expected == "link" ? presented : stored, (await rig.Get(Kinds.NodeUniqueTokens, Uuid)).Spec.Token);
        Assert.Equal(expected == "link", (await rig.Get(Kinds.Links, Uuid)).Spec.NodePublicKey == machine.Key);
        Assert.Equal(expected == "conflict", await rig.Has(Kinds.PendingMachines, machine.Key));
        if (expected == "conflict")
        {
            Assert.True((await rig.Get(Kinds.PendingMachines, machine.Key)).Metadata.Annotations.ContainsKey("siderolink.omni.sidero.dev/uuid-conflict"));
        }
    }

    [Fact]
    public async Task A_wiped_machine_may_come_with_another_token()
    {
        await using var rig = await JoinRig.Start();
        var machine = new JoiningMachine(Uuid) { IsInstalled = true };
        await rig.Join(machine);
        Assert.True((await rig.Get(Kinds.Links, Uuid)).Metadata.Annotations.ContainsKey(Force));
        var first = machine.UniqueToken!;
        machine.LoseMeta();
        machine.IsInstalled = false;
        machine.Reboot();
        await rig.Answered(machine);
        await rig.Idle();
        await rig.Refused(machine, StatusCode.PermissionDenied, "unauthorized");

        await rig.Create(Kinds.InfraMachineStatuses.New(Uuid, new InfraMachineStatusSpec { WipedNodeUniqueToken = first }));
        await rig.Answered(machine);

        Assert.False((await rig.Get(Kinds.Links, Uuid)).Metadata.Annotations.ContainsKey(Force));
        Assert.Equal(machine.UniqueToken, (await rig.Get(Kinds.NodeUniqueTokens, Uuid)).Spec.Token);
    }

    [Theory]
    [InlineData(false, null, false, false)]
    [InlineData(true, null, false, true)]
    [InlineData(true, false, false, false)]
    [InlineData(false, true, false, true)]
    [InlineData(false, null, true, true)]
    [InlineData(false, false, true, true)]
    public async Task The_tunnel_is_the_machine_s_wish_unless_somebody_decides(bool wish, bool? decided, bool isForced, bool expected)
    {
        await using var rig = await JoinRig.Start(new() { ForcesGrpcTunnel = isForced });
        if (decided is { } enabled)
        {
            await rig.Create(Kinds.GRPCTunnelConfigs.New(Uuid, new GRPCTunnelConfigSpec { Enabled = enabled }));
        }

        var machine = new JoiningMachine(Uuid) { AsksForTunnel = wish };
        var answer = await rig.Join(machine);

        Assert.Equal(expected, answer.GrpcPeerAddrPort.Length > 0);
        if (expected)
        {
            Assert.Equal([answer.GrpcPeerAddrPort], answer.ServerEndpoint);
            Assert.Matches(@"^\[fdae:41e4:649b:9304:[0-9a-f:]+\]:50889$", answer.GrpcPeerAddrPort);
            Assert.Equal(answer.GrpcPeerAddrPort, (await rig.Answered(machine)).GrpcPeerAddrPort);
            machine.Reboot();
            Assert.NotEqual(answer.GrpcPeerAddrPort, (await rig.Answered(machine)).GrpcPeerAddrPort);
        }
    }

    [Fact]
    public async Task Two_machines_with_one_UUID_are_told_apart_and_the_first_isn_t_disturbed()
    {
        await using var rig = await JoinRig.Start();
        var first = new JoiningMachine(Guid.Empty.ToString());
        await rig.Join(first);
        var peer = rig.Peers.Peers[first.PublicKey];
        var second = new JoiningMachine(Guid.Empty.ToString());

        await rig.Join(second);

        Assert.NotEqual(first.Uuid, second.Uuid);
        Assert.Equal(["disks", "links", "meta 16", "disks", "meta 15"], second.Calls);
        Assert.Equal(peer, rig.Peers.Peers[first.PublicKey]);
        Assert.Equal(first.Key, (await rig.Get(Kinds.Links, first.Uuid)).Spec.NodePublicKey);
        Assert.NotEqual(peer.Address, rig.Peers.Peers[second.PublicKey].Address);
        Assert.Equal(second.Uuid, (await rig.Get(Kinds.PendingMachineStatuses, second.Key)).Metadata.Annotations["omni.sidero.dev/machine-uuid"]);
    }

    [Fact]
    public async Task A_clone_with_the_same_hardware_addresses_takes_over()
    {
        await using var rig = await JoinRig.Start();
        var first = new JoiningMachine(Uuid);
        await rig.Join(first);
        var clone = new JoiningMachine(Uuid) { Addresses = first.Addresses };

        await rig.Join(clone);

        Assert.Equal(clone.Key, (await rig.Get(Kinds.Links, Uuid)).Spec.NodePublicKey);
        Assert.DoesNotContain(first.PublicKey, rig.Peers.Peers.Keys);
    }
}
