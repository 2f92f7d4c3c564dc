using System.Globalization;
using System.Net;
using Fleethold.Controllers.Machines.Links;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.Controllers;
using Fleethold.SideroLink.Provision;
using Fleethold.Talos;
using Grpc.Core;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>
/// Gives a machine in limbo its unique token, and another UUID where its own is taken (reference/siderolink.md 2.6). Each is written to the META partition
/// of the machine, which makes it ask again at once, and then it may join.
/// </summary>
internal static class PendingMachineStatusRule
{
    private const uint UuidKey = 15;
    private const uint TokenKey = 16;

    /// <summary>How long the calls on one machine may take together.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(10);

    /// <summary>How soon what a machine didn't let us do is tried again.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>The controller.</summary>
    public static Controller Create(IMaintenanceApi machines) =>
        Controller.Transform("PendingMachineStatusController", Kinds.PendingMachines, Kinds.PendingMachineStatuses)
            .AlsoReads(Kinds.LinkStatuses, static status => LinkStatusRule.OwnerOf(status.Id, Kinds.PendingMachines) is { } id ? [id] : [])
            .WithConcurrency(32)
            .Do((context, pending, status, cancellation) => Equip(machines, context, pending, status, cancellation));

    private static async ValueTask<Reconciled> Equip(
        IMaintenanceApi machines,
        ControllerContext context,
        Resource<SiderolinkSpec> pending,
        OutputDraft<PendingMachineStatusSpec> status,
        CancellationToken cancellation)
    {
        var link = await context.Get(Kinds.LinkStatuses, MachineNames.StatusOf(pending.Metadata), cancellation);
        if (link.Fault is Fault.NotFound)
        {
            return Reconciled.Skip;
        }

        if (link.Fault is { } fault)
        {
            return fault;
        }

        if (!MachineAddresses.TryParseStored(pending.Spec.NodeSubnet, out var address, out _))
        {
            return new Fault.Invalid($"the address of {pending.Metadata} is damaged");
        }

        var reported = pending.Metadata.Labels.GetValueOrDefault(MachineNames.MachineUuid, "");
        var uuid = status.Annotations.GetValueOrDefault(MachineNames.MachineUuid, reported);
        var needsUuid = uuid == reported && pending.Metadata.Annotations.ContainsKey(MachineNames.UuidConflict);
        if (!needsUuid && status.Spec.Token.Length > 0)
        {
            return Reconciled.Done;
        }

        using var limit = new CancellationTokenSource(CallLimit, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await Call(machines, address, needsUuid, status, either.Token);
            return Reconciled.Done;
        }
        catch (Exception failed) when (failed is RpcException || (failed is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // What was achieved so far is kept: a machine gets one other UUID, however often the rest fails.
            var isChanged = status.Annotations.GetValueOrDefault(MachineNames.MachineUuid, reported) != uuid;
            return isChanged || !status.IsNew ? Requeue.After(RetryAfter) : Reconciled.Done.Because(new Fault.Unavailable(Told(failed, address)));
        }
    }

    private static async ValueTask Call(
        IMaintenanceApi machines, IPAddress address, bool needsUuid, OutputDraft<PendingMachineStatusSpec> status, CancellationToken cancellation)
    {
        status.Spec.TalosInstalled = await machines.IsInstalled(address, cancellation);
        if (needsUuid)
        {
            var other = Guid.NewGuid().ToString("D");
            await machines.WriteMeta(address, UuidKey, other, cancellation);
            status.Annotations = status.Annotations.With(MachineNames.MachineUuid, other);
        }

        if (status.Spec.Token.Length == 0)
        {
            var token = NodeUniqueToken.Generate(await machines.PhysicalAddresses(address, cancellation)).Encode();
            await machines.WriteMeta(address, TokenKey, token, cancellation);
            status.Spec.Token = token;
        }
    }

    private static string Told(Exception failed, IPAddress address) => failed is RpcException rpc
        ? string.Create(CultureInfo.InvariantCulture, $"the machine at {MachineAddresses.Text(address)} doesn't take its unique token: {rpc.Status.Detail}")
        : string.Create(CultureInfo.InvariantCulture, $"the machine at {MachineAddresses.Text(address)} didn't take its unique token within {CallLimit.TotalSeconds} s");
}
