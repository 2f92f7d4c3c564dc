using System.Net;
using System.Text.Json;
using Fleethold.Resources.Wire;
using Fleethold.Simulator.Apid;
using Fleethold.Simulator.Events;
using Fleethold.Simulator.Machines;
using Fleethold.Talos.Wire;
using Grpc.Core;

namespace Fleethold.Simulator.Tests;

public sealed class JoinTests
{
    [Fact]
    public async Task A_machine_provisions_again_with_the_token_that_was_written_to_it()
    {
        await using var server = await StandIn.Start();
        var directory = new MachineDirectory();
        await using var apid = await ApidListener.Start(directory, new(IPAddress.IPv6Any, 0), TimeProvider.System);
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), directory);
        await fleet.Start();
        var machine = fleet.Machines[0];
        await Eventually.Holds(() => machine.Boot!.Address is not null, "the machine has an address");
        Assert.Null(machine.Boot!.Times.Linked);

        await StandIn.WriteMeta(machine.Boot!.Address!, apid.BoundPort, MetaPartition.UniqueTokenKey, """{"Fingerprint":"ab","Token":"t"}""");

        await Eventually.Holds(() => server.Requests.Count == 2, "a second call");
        var calls = server.Requests.ToArray();
        Assert.True(calls[0].HasNodeUniqueToken);
        Assert.Equal("", calls[0].NodeUniqueToken);
        Assert.Equal("""{"Fingerprint":"ab","Token":"t"}""", calls[1].NodeUniqueToken);
        Assert.Equal(calls[0].NodePublicKey, calls[1].NodePublicKey);
        Assert.Equal("a-token", calls[1].JoinToken);
        Assert.Equal("v1.13.8", calls[1].TalosVersion);
        Assert.False(calls[1].HasWireguardOverGrpc);
        await Eventually.Holds(() => machine.Boot.Times.Linked is not null, "the machine knows that it has a link");
    }

    [Fact]
    public async Task A_machine_takes_the_uuid_that_was_written_to_it()
    {
        await using var server = await StandIn.Start();
        var directory = new MachineDirectory();
        await using var apid = await ApidListener.Start(directory, new(IPAddress.IPv6Any, 0), TimeProvider.System);
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), directory);
        await fleet.Start();
        await Eventually.Holds(() => fleet.Machines[0].Boot!.Address is not null, "the machine has an address");

        await StandIn.WriteMeta(fleet.Machines[0].Boot!.Address!, apid.BoundPort, MetaPartition.UuidKey, "11111111-2222-4333-8444-555555555555");

        await Eventually.Holds(() => server.Requests.Any(request => request.NodeUuid == "11111111-2222-4333-8444-555555555555"), "a call with the new UUID");
    }

    [Fact]
    public async Task Events_and_log_lines_come_in_order_from_the_address_of_the_machine()
    {
        await using var server = await StandIn.Start();
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), new MachineDirectory(), machines: 3);
        await fleet.Start();
        await Eventually.Holds(() => server.Events.Count >= 3 * 17 && server.Lines.Count >= 3 * 5, "all that three machines say at their start");

        foreach (var machine in fleet.Machines)
        {
            var address = machine.Boot!.Address!.ToString();
            var events = server.Events.Where(one => one.From == address).Select(one => one.Event).ToList();
            Assert.Equal(events.Select(one => one.Id).Order(StringComparer.Ordinal), events.Select(one => one.Id));
            Assert.Equal("type.googleapis.com/machine.SequenceEvent", events[0].Data.TypeUrl);
            Assert.Equal("type.googleapis.com/machine.AddressEvent", events[^1].Data.TypeUrl);
            var lines = server.Lines.Where(one => one.From == address).Select(one => JsonDocument.Parse(one.Line).RootElement).ToList();
            Assert.Equal([0, 1, 2, 3, 4], lines.Select(line => line.GetProperty("seq").GetInt32()));
            Assert.Equal("clock facility msg priority seq talos-level talos-time", string.Join(' ', lines[0].EnumerateObject().Select(one => one.Name)));
        }
    }

    [Fact]
    public async Task All_nine_types_of_events_are_sent()
    {
        await using var server = await StandIn.Start();
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), new MachineDirectory());
        await fleet.Start();
        BootStory.BadConfiguration(fleet.Machines[0].Boot!.Events);
        await Eventually.Holds(() => server.Events.Any(one => one.Event.Data.TypeUrl.EndsWith("AddressEvent", StringComparison.Ordinal)), "the address");

        await fleet.Machines[0].Reboot();

        string[] types =
        [
            "AddressEvent", "ConfigLoadErrorEvent", "ConfigValidationErrorEvent", "MachineStatusEvent", "PhaseEvent", "RestartEvent", "SequenceEvent",
            "ServiceStateEvent", "TaskEvent",
        ];
        Assert.Equal(types.Select(type => $"type.googleapis.com/machine.{type}"), server.Events.Select(one => one.Event.Data.TypeUrl).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_refused_event_is_sent_again_and_none_is_lost_or_sent_twice()
    {
        await using var server = await StandIn.Start();
        var refusals = 3;
        server.Takes = request => !request.Data.TypeUrl.EndsWith("ServiceStateEvent", StringComparison.Ordinal) || Interlocked.Decrement(ref refusals) < 0;
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), new MachineDirectory());
        await fleet.Start();

        await Eventually.Holds(() => server.Events.Any(one => one.Event.Data.TypeUrl.EndsWith("AddressEvent", StringComparison.Ordinal)), "the last event");
        var ids = server.Events.Select(one => one.Event.Id).ToList();
        Assert.Equal(ids.Distinct().Order(StringComparer.Ordinal), ids);
        Assert.Equal(3, fleet.Counters.EventFailures);
    }

    [Fact]
    public async Task A_refused_machine_keeps_asking()
    {
        await using var server = await StandIn.Start();
        var refusals = 2;
        server.Decide = (_, response) => Interlocked.Decrement(ref refusals) >= 0 ? throw new RpcException(new Status(StatusCode.PermissionDenied, "unauthorized")) : response;
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), new MachineDirectory());
        await fleet.Start();

        await Eventually.Holds(() => fleet.Machines[0].Boot!.Address is not null, "the machine has an address");
        Assert.Equal(2, fleet.Counters.ProvisionFailures);
        Assert.Equal("PermissionDenied: unauthorized", fleet.Counters.LastFailure);
    }

    [Fact]
    public async Task A_reboot_makes_a_new_key_and_keeps_uuid_and_meta()
    {
        await using var server = await StandIn.Start();
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), new MachineDirectory());
        await fleet.Start();
        var machine = fleet.Machines[0];
        machine.Meta.Write(MetaPartition.UniqueTokenKey, "{}");
        await Eventually.Holds(() => machine.Boot!.Times.FirstEvent is not null, "the machine speaks");
        var key = machine.Boot!.Key.Public;

        await machine.Reboot();

        await Eventually.Holds(() => server.Requests.Any(request => request.NodePublicKey == machine.Boot.Key.Public.ToString()), "a call of the second boot");
        Assert.NotEqual(key, machine.Boot.Key.Public);
        var last = server.Requests.Last();
        Assert.Equal((machine.Hardware.Uuid, "{}"), (last.NodeUuid, last.NodeUniqueToken));
    }

    [Fact]
    public async Task A_machine_that_runs_from_memory_forgets_its_token_when_it_goes_off()
    {
        await using var server = await StandIn.Start();
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), new MachineDirectory(), machines: 0);
        var machine = fleet.Add(MachineHardware.Make(new Random(7), "v1.13.8", isInstalled: false), 7);
        await machine.Start();
        machine.Meta.Write(MetaPartition.UniqueTokenKey, "{}");

        await machine.Stop();

        Assert.Null(machine.Meta[MetaPartition.UniqueTokenKey]);
    }

    [Fact]
    public async Task In_tunnel_mode_datagrams_go_through_the_stream_with_the_name_that_the_server_gave()
    {
        await using var server = await StandIn.Start();
        server.Decide = (_, response) =>
        {
            response.GrpcPeerAddrPort = "[fdae:41e4:649b:9304::7]:50889";
            response.ServerEndpoint[0] = response.GrpcPeerAddrPort;
            return response;
        };
        var device = new QuietDevice(TimeProvider.System);
        await using var fleet = server.Fleet(device, new MachineDirectory(), tunnel: true);
        await fleet.Start();
        await Eventually.Holds(() => !device.FromStreams.IsEmpty, "the stream is open");

        device.Tunnels.Values.Single().ToStream!([1, 2, 3]);

        await Eventually.Holds(() => device.FromStreams.Count == 2, "the datagram came back");
        Assert.Equal("[fdae:41e4:649b:9304::7]:50889", System.Text.Encoding.UTF8.GetString(device.FromStreams.First()));
        Assert.Equal([1, 2, 3], device.FromStreams.Last());
        Assert.True(server.Requests.Single().WireguardOverGrpc);
        Assert.Equal("[fdae:41e4:649b:9304::7]:50889", device.Tunnels.Values.Single().Endpoint.ToString());
    }

    [Fact]
    public async Task The_api_tells_disks_and_links_of_the_machine_that_was_dialled()
    {
        await using var server = await StandIn.Start();
        var directory = new MachineDirectory();
        await using var apid = await ApidListener.Start(directory, new(IPAddress.IPv6Any, 0), TimeProvider.System);
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), directory, machines: 2);
        await fleet.Start();
        await Eventually.Holds(() => fleet.Report().Answered == 2, "both have an address");

        foreach (var machine in fleet.Machines)
        {
            using var channel = StandIn.Dial(machine.Boot!.Address!, apid.BoundPort);
            var disks = await new StorageService.StorageServiceClient(channel).DisksAsync(new());
            Assert.True(disks.Messages.Single().Disks_.Single().SystemDisk);
            using var call = new State.StateClient(channel).List(new() { Namespace = "network", Type = "LinkStatuses.net.talos.dev", Options = new() });
            var links = await call.ResponseStream.ReadAllAsync().Select(one => LinkStatusSpec.Parser.ParseFrom(one.Resource.Spec.ProtoSpec)).ToListAsync();
            var physical = links.Single(link => link is { Type: NethelpersLinkType.LinkEther, Kind: "" });
            Assert.Equal(machine.Hardware.LinkAddresses.Single(), physical.PermanentAddr.ToByteArray());
        }
    }

    [Fact]
    public async Task A_machine_that_is_off_is_not_reached()
    {
        await using var server = await StandIn.Start();
        var directory = new MachineDirectory();
        await using var apid = await ApidListener.Start(directory, new(IPAddress.IPv6Any, 0), TimeProvider.System);
        await using var fleet = server.Fleet(new QuietDevice(TimeProvider.System), directory);
        await fleet.Start();
        await Eventually.Holds(() => fleet.Report().Answered == 1, "it has an address");
        var address = fleet.Machines[0].Boot!.Address!;
        await StandIn.WriteMeta(address, apid.BoundPort, 12, "x");

        await fleet.Machines[0].Stop();

        var refused = await Assert.ThrowsAsync<RpcException>(() => StandIn.WriteMeta(address, apid.BoundPort, 12, "x"));
        Assert.Contains(refused.StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
    }
}
