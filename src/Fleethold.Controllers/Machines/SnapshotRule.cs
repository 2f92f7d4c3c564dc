using Fleethold.Resources;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Controllers.Machines;

/// <summary>The last stage of a machine goes with the machine. What it is comes from the machine's events (<see cref="MachineEvents"/>).</summary>
internal static class SnapshotRule
{
    /// <summary>The owner of snapshots.</summary>
    public const string Name = "MachineStatusSnapshotController";

    /// <summary>The controller.</summary>
    public static Controller Create() =>
        Controller.Transform(Name, Kinds.Machines, Kinds.MachineStatusSnapshots)
            .WithConcurrency(4)
            .Do(static (_, _, _, _) => ValueTask.FromResult(Reconciled.Skip));
}
