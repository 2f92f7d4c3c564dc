using Fleethold.Resources;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Controllers.Machines;

/// <summary>
/// What belongs to a link or machine by its id, and to nobody by owner, goes with it (reference/controllers.md 15.4): it holds the parent until that is done.
/// </summary>
internal static class DependentCleanup
{
    /// <summary>Of links.</summary>
    public static Controller OfLinks() =>
        Declare("LinkCleanupController", Kinds.Links, Kinds.JoinTokenUsages, Kinds.NodeUniqueTokens, Kinds.MachineLabels);

    /// <summary>Of machines.</summary>
    public static Controller OfMachines() => Declare(
        "MachineCleanupController",
        Kinds.Machines,
        Kinds.MachineSetNodes,
        Kinds.InfraMachineConfigs,
        Kinds.InfraMachineBMCConfigs,
        Kinds.KernelArgs,
        Kinds.MachineInstallDiskConfigs);

    private static Controller Declare(string name, ResourceKind parent, params ResourceKind[] dependents)
    {
        var declaration = Controller.Queue(name).Reads(parent, WakeOn.Content).WithConcurrency(4);
        foreach (var kind in dependents)
        {
            declaration = declaration.MapsFrom(kind, Map.SameId, WakeOn.DestroyReady).WritesShared(kind);
        }

        return declaration.Reconcile((context, item, cancellation) => Follow(context, item, dependents, cancellation));
    }

    private static async ValueTask<Reconciled> Follow(
        ControllerContext context, ResourceRef item, ResourceKind[] dependents, CancellationToken cancellation)
    {
        var read = await context.Get(item, cancellation);
        if (!read.Succeeded(out var parent, out var fault))
        {
            return fault is Fault.NotFound ? Reconciled.Done : fault;
        }

        if (parent.Metadata.Phase is Phase.Running)
        {
            return (await context.AddFinalizer(parent, cancellation)).Fault;
        }

        if (!parent.Metadata.Finalizers.Contains(context.Name))
        {
            return Reconciled.Done;
        }

        var isWaiting = false;
        foreach (var kind in dependents)
        {
            var removed = await context.RemoveUnowned(kind.Ref.Named(item.Id), cancellation);
            if (!removed.Succeeded(out var removal, out fault))
            {
                return fault;
            }

            isWaiting |= removal is Removal.Waiting;
        }

        return isWaiting ? Reconciled.Done : (await context.RemoveFinalizer(parent, cancellation)).Fault;
    }
}
