using System.Net;
using Fleethold.Controllers.Machines;
using Fleethold.Controllers.Tests.Joining;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Specs.TalosMachine;
using Fleethold.Runtime;
using Fleethold.SideroLink.Wire;
using Fleethold.Testing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleethold.Controllers.Tests;

/// <summary>reference/siderolink.md 8.1, reference/controllers.md 3.2.</summary>
public class MachineEventsTests
{
    private const string Uuid = "10051802-c798-4da7-a410-f09abb48c8d8";
    private static readonly IPAddress Stranger = IPAddress.Parse("fdae:41e4:649b:9303::1");

    [Fact]
    public async Task An_unknown_type_is_acknowledged_even_from_a_stranger()
    {
        await using var rig = await JoinRig.Start();

        foreach (var url in (string[])["type.googleapis.com/machine.ServiceEvent", "type.googleapis.com/other.MachineStatusEvent", ""])
        {
            Assert.Equal(EventOutcome.Acknowledged, await Publish(rig, Stranger, new Any { TypeUrl = url }));
        }

        Assert.Equal(EventOutcome.Acknowledged, await new MachineEvents(rig.State, rig.Clock).Publish(Stranger, new EventRequest(), Deadline.Token));
    }

    [Theory]
    [InlineData("SequenceEvent")]
    [InlineData("PhaseEvent")]
    [InlineData("TaskEvent")]
    [InlineData("ServiceStateEvent")]
    [InlineData("RestartEvent")]
    [InlineData("ConfigLoadErrorEvent")]
    [InlineData("ConfigValidationErrorEvent")]
    [InlineData("AddressEvent")]
    [InlineData("MachineStatusEvent")]
    public async Task A_known_type_is_taken_from_a_machine_and_refused_from_a_stranger(string type)
    {
        await using var rig = await JoinRig.Start();
        var address = JoinRig.AddressOf((await rig.Join(new JoiningMachine(Uuid))).NodeAddressPrefix);
        var data = new Any { TypeUrl = $"type.googleapis.com/machine.{type}" };

        Assert.Equal(new EventOutcome(StatusCode.Unknown, "no machines found for address fdae:41e4:649b:9303::1"), await Publish(rig, Stranger, data));
        Assert.Equal(EventOutcome.Acknowledged, await Publish(rig, address, data));
    }

    [Fact]
    public async Task A_status_replaces_the_stage_and_the_power_stage_but_not_the_boot_and_goes_with_the_machine()
    {
        await using var rig = await JoinRig.Start();
        var address = JoinRig.AddressOf((await rig.Join(new JoiningMachine(Uuid))).NodeAddressPrefix);
        await Publish(rig, address, Status(MachineStatusEvent.Types.MachineStage.Booting));
        Assert.Null((await rig.State.Modify(
            Kinds.MachineStatusSnapshots.Named(Uuid),
            one => ((Resource<MachineStatusSnapshotSpec>)one).With(spec =>
                (spec.BootId, spec.PowerStage) = ("boot", MachineStatusSnapshotSpec.Types.PowerStage.PoweredOff)),
            "MachineStatusSnapshotController")).Fault);

        await Publish(rig, address, Status(MachineStatusEvent.Types.MachineStage.Running));
        await rig.Idle();

        var spec = (await rig.Get(Kinds.MachineStatusSnapshots, Uuid)).Spec;
        Assert.Equal(
            ("boot", MachineStatusSnapshotSpec.Types.PowerStage.None, MachineStatusEvent.Types.MachineStage.Running),
            (spec.BootId, spec.PowerStage, spec.MachineStatus.Stage));
        Assert.Equal(spec, (await rig.Get(Kinds.MachineStatusLinks, Uuid)).Spec.Snapshot);

        Assert.Null((await rig.State.Teardown(Kinds.Links.Named(Uuid))).Fault);
        await rig.Idle();
        Assert.False(await rig.Has(Kinds.MachineStatusSnapshots, Uuid));
        Assert.Equal(StatusCode.Unknown, (await Publish(rig, address, Status(MachineStatusEvent.Types.MachineStage.Running))).Code);
    }

    [Theory]
    [InlineData("install", SequenceEvent.Types.Action.Noop, "rebooting by unix.Reboot", 1)]
    [InlineData("install", SequenceEvent.Types.Action.Noop, "other", 0)]
    [InlineData("install", SequenceEvent.Types.Action.Stop, "unix.Reboot", 0)]
    [InlineData("boot", SequenceEvent.Types.Action.Start, null, 1)]
    [InlineData("boot", SequenceEvent.Types.Action.Stop, null, 0)]
    public async Task An_installation_is_counted_for_the_provider(string sequence, SequenceEvent.Types.Action action, string? error, int expected)
    {
        await using var rig = await JoinRig.Start();
        var address = JoinRig.AddressOf((await rig.Join(new JoiningMachine(Uuid))).NodeAddressPrefix);
        await rig.Create(Kinds.InfraMachines.New(Uuid), "InfraMachineController");
        var data = new SequenceEvent { Sequence = sequence, Action = action };
        if (error is not null)
        {
            data.Error = new() { Code = Resources.Wire.Common.Code.Fatal, Message = error };
        }

        Assert.Equal(EventOutcome.Acknowledged, await Publish(rig, address, Any.Pack(data)));

        Assert.Equal((ulong)expected, (await rig.Get(Kinds.InfraMachines, Uuid)).Spec.InstallEventId);
    }

    [Fact]
    public async Task A_damaged_event_is_refused()
    {
        await using var rig = await JoinRig.Start();
        var address = JoinRig.AddressOf((await rig.Join(new JoiningMachine(Uuid))).NodeAddressPrefix);

        var outcome = await Publish(rig, address, new Any { TypeUrl = "type.googleapis.com/machine.MachineStatusEvent", Value = ByteString.CopyFrom(0xff) });

        Assert.Equal(StatusCode.Unknown, outcome.Code);
    }

    private static Any Status(MachineStatusEvent.Types.MachineStage stage) => Any.Pack(new MachineStatusEvent { Stage = stage });

    private static Task<EventOutcome> Publish(JoinRig rig, IPAddress from, Any data) =>
        new MachineEvents(rig.State, rig.Clock).Publish(from, new EventRequest { Data = data, Id = "1" }, Deadline.Token);
}
