using Fleethold.Controllers.Machines.Joining;
using Fleethold.Controllers.Machines.Links;
using Fleethold.Resources;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Controllers.Machines;

/// <summary>The rules of machines that join, are reached and leave.</summary>
internal static class MachineRules
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Controller> All(RulePorts ports)
    {
        var peers = new PeerOwners(ports.Links);
        yield return LinkStatusRule.ForLinks(peers, ports.Settings);
        yield return LinkStatusRule.ForPendingMachines(peers, ports.Settings);
        yield return PendingMachineStatusRule.Create(ports.Machines);
        yield return Controller.Destroyer("DestroyController[PendingMachines.omni.sidero.dev]", Kinds.PendingMachines);
        yield return MachineRule.Create();
        yield return SnapshotRule.Create();
        yield return MachineStatusLinkRule.Create();
        yield return JoinTokenStatusRule.Create();
        if (ports.Settings.UsesUniqueTokens)
        {
            yield return UniqueTokenStatusRule.Create();
        }

        yield return UniqueTokenCleanupRule.Create();
        yield return JoinConfigRules.ForMachines(ports.Settings);
        yield return JoinConfigRules.ForProviders(ports.Settings);
        yield return JoinConfigRules.ApiConfig(ports.Settings);
        yield return JoinConfigRules.ConnectionParams(ports.Settings);
        yield return DependentCleanup.OfLinks();
        yield return DependentCleanup.OfMachines();
    }
}
