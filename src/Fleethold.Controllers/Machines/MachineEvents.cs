using System.Net;
using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Specs.TalosMachine;
using Fleethold.Runtime;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;
using Google.Protobuf;
using Grpc.Core;
using Metadata = Fleethold.Resources.Metadata;

namespace Fleethold.Controllers.Machines;

/// <summary>What a machine is told about an event that it sent.</summary>
/// <param name="Code"><see cref="StatusCode.OK"/> acknowledges it; after anything else the machine sends it again.</param>
/// <param name="Message">Why it isn't acknowledged.</param>
public readonly record struct EventOutcome(StatusCode Code, string Message)
{
    /// <summary>Acknowledged.</summary>
    public static EventOutcome Acknowledged => new(StatusCode.OK, "");
}

/// <summary>
/// Takes the events of machines (reference/siderolink.md 8.1). The type is tested before the sender: what nobody reads is acknowledged even from a
/// stranger. A machine is found by the index of labels, so one event costs the same however many there are. Thread-safe.
/// </summary>
/// <param name="state">The state.</param>
/// <param name="clock">For time stamps.</param>
public sealed class MachineEvents(IState state, TimeProvider clock)
{
    private const string UrlPrefix = "type.googleapis.com/machine.";

    private static readonly HashSet<string> Known =
    [
        "SequenceEvent", "PhaseEvent", "TaskEvent", "ServiceStateEvent", "RestartEvent", "ConfigLoadErrorEvent", "ConfigValidationErrorEvent", "AddressEvent",
        "MachineStatusEvent",
    ];

    /// <summary>Takes one event.</summary>
    /// <param name="sender">The address inside the tunnel that it came from: the tunnel has proved it.</param>
    /// <param name="request">The event.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    public async Task<EventOutcome> Publish(IPAddress sender, EventRequest request, CancellationToken cancellation)
    {
        var url = request.Data?.TypeUrl ?? "";
        if (!url.StartsWith(UrlPrefix, StringComparison.Ordinal) || !Known.Contains(url[UrlPrefix.Length..]))
        {
            return EventOutcome.Acknowledged;
        }

        var address = MachineAddresses.Text(sender.IsIPv4MappedToIPv6 ? sender.MapToIPv4() : sender);
        var found = await state.List(Kinds.Machines.Ref, ResourceQuery.By(LabelQuery.Equal(MachineNames.Address, address)), cancellation);
        if (found.Fault is { } unreadable)
        {
            return new EventOutcome(StatusCode.Unknown, unreadable.Message);
        }

        if (found.Value.Count == 0)
        {
            return new EventOutcome(StatusCode.Unknown, $"no machines found for address {address}");
        }

        try
        {
            return await Use(found.Value[0].Metadata, url[UrlPrefix.Length..], request.Data!.Value, cancellation) is { } fault
                ? new EventOutcome(StatusCode.Unknown, fault.Message)
                : EventOutcome.Acknowledged;
        }
        catch (InvalidProtocolBufferException damaged)
        {
            return new EventOutcome(StatusCode.Unknown, $"the event can't be read: {damaged.Message}");
        }
    }

    private ValueTask<Fault?> Use(Metadata machine, string type, ByteString value, CancellationToken cancellation) => type switch
    {
        "MachineStatusEvent" => Keep(machine, MachineStatusEvent.Parser.ParseFrom(value), cancellation),
        "SequenceEvent" when IsInstall(SequenceEvent.Parser.ParseFrom(value)) => CountInstall(machine.Id, cancellation),
        _ => ValueTask.FromResult<Fault?>(null),
    };

    /// <summary>The stage is the event's, the boot id stays, and the machine is powered on (reference/controllers.md 3.2).</summary>
    private async ValueTask<Fault?> Keep(Metadata machine, MachineStatusEvent status, CancellationToken cancellation)
    {
        if (machine.Phase is Phase.TearingDown)
        {
            return null;
        }

        var reference = Kinds.MachineStatusSnapshots.Named(machine.Id);
        while (true)
        {
            var updated = await state.Modify(
                reference,
                snapshot => ((Resource<MachineStatusSnapshotSpec>)snapshot).With(spec =>
                {
                    spec.MachineStatus = status;
                    spec.PowerStage = MachineStatusSnapshotSpec.Types.PowerStage.None;
                }),
                SnapshotRule.Name,
                cancellation: cancellation);
            if (updated.Fault is null or Fault.PhaseConflict)
            {
                return null;
            }

            if (updated.Fault is not Fault.NotFound)
            {
                return updated.Fault;
            }

            var fresh = Kinds.MachineStatusSnapshots.New(machine.Id, new MachineStatusSnapshotSpec { MachineStatus = status });
            var created = await state.Create(fresh.With(fresh.Metadata.WrittenAt(Instant.Now(clock))), SnapshotRule.Name, cancellation);
            if (created.Fault is not Fault.AlreadyExists)
            {
                return created.Fault;
            }
        }
    }

    private static bool IsInstall(SequenceEvent sequence) =>
        (sequence.Sequence == "install"
            && sequence.Action is SequenceEvent.Types.Action.Noop
            && sequence.Error is { Code: Fleethold.Resources.Wire.Common.Code.Fatal } error
            && error.Message.Contains("unix.Reboot", StringComparison.Ordinal))
        || (sequence.Sequence == "boot" && sequence.Action is SequenceEvent.Types.Action.Start);

    /// <summary>Tells the provider of the hardware, where there is one, that Talos was installed or booted.</summary>
    private async ValueTask<Fault?> CountInstall(string machine, CancellationToken cancellation)
    {
        var read = await state.Get(Kinds.InfraMachines, machine, cancellation);
        if (!read.Succeeded(out var hardware, out var fault))
        {
            return fault is Fault.NotFound ? null : fault;
        }

        var updated = await state.Modify(
            hardware.Ref, one => ((Resource<InfraMachineSpec>)one).With(spec => spec.InstallEventId++), hardware.Metadata.Owner, cancellation: cancellation);
        return updated.Fault is Fault.NotFound or Fault.PhaseConflict ? null : updated.Fault;
    }
}
