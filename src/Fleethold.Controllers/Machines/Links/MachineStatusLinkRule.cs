using Fleethold.Resources;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Controllers.Machines.Links;

/// <summary>
/// What the list of machines shows: a machine's status with its traffic (reference/controllers.md 2). It outlives the work of removal, so that people see
/// that it goes. The traffic is <see cref="LinkPolling"/>'s.
/// </summary>
internal static class MachineStatusLinkRule
{
    /// <summary>The owner.</summary>
    public const string Name = "MachineStatusLinkController";

    /// <summary>The controller.</summary>
    public static Controller Create() =>
        Controller.Transform(Name, Kinds.Links, Kinds.MachineStatusLinks)
            .AlsoReads(Kinds.MachineStatuses, Map.SameId)
            .AlsoReads(Kinds.MachineStatusSnapshots, Map.SameId)
            .IgnoresTeardownUntil()
            .WithConcurrency(4)
            .Do(static async (context, link, output, cancellation) =>
            {
                var status = await context.Get(Kinds.MachineStatuses, link.Metadata.Id, cancellation);
                var snapshot = await context.Get(Kinds.MachineStatusSnapshots, link.Metadata.Id, cancellation);
                foreach (var fault in (Fault?[])[status.Fault, snapshot.Fault])
                {
                    if (fault is not (null or Fault.NotFound))
                    {
                        return fault;
                    }
                }

                output.Labels = status.Fault is null ? status.Value.Metadata.Labels : output.Labels;
                output.Spec.MessageStatus = status.Fault is null ? status.Value.Spec.Clone() : null;
                output.Spec.Snapshot = snapshot.Fault is null ? snapshot.Value.Spec.Clone() : null;
                output.Spec.MachineCreatedAt = link.Metadata.Created.Seconds;
                output.Spec.TearingDown = link.Metadata.Phase is Phase.TearingDown;
                output.Spec.SiderolinkCounter ??= new();
                return Reconciled.Done;
            });
}
