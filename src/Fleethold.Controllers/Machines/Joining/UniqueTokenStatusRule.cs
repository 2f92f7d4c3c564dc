using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.Controllers;
using Fleethold.SideroLink.Provision;
using State = Fleethold.Resources.Specs.NodeUniqueTokenStatusSpec.Types.State;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>
/// Where the unique token of a machine is kept; a connected machine that could have one and has none goes through limbo to get it
/// (reference/siderolink.md 2.6). Nothing is said of a machine whose version of Talos isn't known yet.
/// </summary>
internal static class UniqueTokenStatusRule
{
    /// <summary>The controller.</summary>
    public static Controller Create() =>
        Controller.Transform("NodeUniqueTokenStatusController", Kinds.Machines, Kinds.NodeUniqueTokenStatuses)
            .AlsoReads(Kinds.MachineStatuses, Map.SameId)
            .AlsoReads(Kinds.NodeUniqueTokens, Map.SameId)
            .LooksUp(Kinds.Links)
            .AlsoWritesShared(Kinds.PendingMachines)
            .WithConcurrency(32)
            .Do(Judge);

    private static async ValueTask<Reconciled> Judge(
        ControllerContext context, Resource<MachineSpec> machine, OutputDraft<NodeUniqueTokenStatusSpec> output, CancellationToken cancellation)
    {
        var status = await context.Get(Kinds.MachineStatuses, machine.Metadata.Id, cancellation);
        if (status.Fault is { } unknown)
        {
            return unknown is Fault.NotFound ? Reconciled.Skip : unknown;
        }

        if (status.Value.Spec.TalosVersion.Length == 0)
        {
            return Reconciled.Skip;
        }

        var token = await context.Get(Kinds.NodeUniqueTokens, machine.Metadata.Id, cancellation);
        if (token.Fault is { } fault and not Fault.NotFound)
        {
            return fault;
        }

        var isSupported = SecureJoin.IsSupportedBy(status.Value.Spec.TalosVersion);
        output.Spec.State = !isSupported ? State.Unsupported
            : token.Fault is not null || token.Value.Spec.Token.Length == 0 ? State.None
            : status.Value.Metadata.Labels.ContainsKey(MachineNames.Installed) ? State.Persistent
            : State.Ephemeral;
        return output.Spec.State is State.None && machine.Spec.Connected ? await SendToLimbo(context, machine.Metadata.Id, cancellation) : Reconciled.Done;
    }

    private static async ValueTask<Reconciled> SendToLimbo(ControllerContext context, string uuid, CancellationToken cancellation)
    {
        var link = await context.Get(Kinds.Links, uuid, cancellation);
        if (link.Fault is { } fault)
        {
            return fault is Fault.NotFound ? Reconciled.Done : fault;
        }

        if (link.Value.Metadata.Annotations.ContainsKey(MachineNames.CreatedWithUniqueToken))
        {
            return Reconciled.Done;
        }

        var pending = Kinds.PendingMachines.New(link.Value.Spec.NodePublicKey, link.Value.Spec.Clone());
        return await context.CreateUnowned(
            Kinds.PendingMachines, pending.With(pending.Metadata.WithLabel(MachineNames.MachineUuid, uuid)), cancellation);
    }
}
