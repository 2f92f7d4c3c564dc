using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.Controllers;
using Fleethold.SideroLink.Provision;

namespace Fleethold.Controllers.Machines;

/// <summary>A link that its infrastructure provider, if it has one, vouches for is a machine (reference/controllers.md 3.1, reference/siderolink.md 2.8).</summary>
internal static class MachineRule
{
    private static readonly string[] Copied = [MachineNames.Request, MachineNames.RequestSet, MachineNames.Provider];

    /// <summary>The controller.</summary>
    public static Controller Create() =>
        Controller.Transform("MachineController", Kinds.Links, Kinds.Machines)
            .AlsoReads(
                Kinds.MachineRequestStatuses,
                static (_, status, _) => ValueTask.FromResult<IEnumerable<string>>(
                    status is Resource<MachineRequestStatusSpec> { Spec.Id: { Length: > 0 } uuid } ? [uuid] : []))
            .AlsoReads(Kinds.InfraMachines, Map.SameId)
            .LooksUp(Kinds.InfraProviderStatuses)
            .LooksUp(Kinds.MachineRequests)
            .LooksUp(Kinds.MachineRequestSets)
            .WithConcurrency(4)
            .Do(Derive);

    private static async ValueTask<Reconciled> Derive(
        ControllerContext context, Resource<SiderolinkSpec> link, OutputDraft<MachineSpec> machine, CancellationToken cancellation)
    {
        if (!MachineAddresses.TryParseStored(link.Spec.NodeSubnet, out var address, out _))
        {
            return new Fault.Invalid($"the address of {link.Metadata} is damaged: delete it, and the machine registers anew");
        }

        if (link.Metadata.Labels.TryGetValue(MachineNames.Provider, out var provider)
            && await Vouch(context, link, provider, machine, cancellation) is { } notYet)
        {
            return notYet;
        }

        foreach (var key in Copied)
        {
            if (link.Metadata.Labels.TryGetValue(key, out var value))
            {
                machine.Labels = machine.Labels.With(key, value);
            }
        }

        var text = MachineAddresses.Text(address);
        machine.Labels = machine.Labels.With(MachineNames.Address, text);
        machine.Annotations = link.Metadata.Annotations.ContainsKey(MachineNames.CreatedWithUniqueToken)
            ? machine.Annotations.With(MachineNames.CreatedWithUniqueToken, "")
            : machine.Annotations;
        machine.Spec = new MachineSpec
        {
            ManagementAddress = text,
            Connected = link.Spec.Connected,
            UseGrpcTunnel = link.Spec.VirtualAddrport.Length > 0,
        };
        return Reconciled.Done;
    }

    /// <summary>Null when the provider vouches for it.</summary>
    private static async ValueTask<Reconciled?> Vouch(
        ControllerContext context, Resource<SiderolinkSpec> link, string provider, OutputDraft<MachineSpec> machine, CancellationToken cancellation)
    {
        var status = await context.Get(Kinds.InfraProviderStatuses, provider, cancellation);
        if (status.Fault is { } unknown)
        {
            return unknown;
        }

        if (status.Value.Metadata.Labels.ContainsKey(MachineNames.StaticProvider))
        {
            machine.Labels = machine.Labels.With(MachineNames.ManagedByStaticProvider, "");
            var accepted = await context.Get(Kinds.InfraMachines, link.Metadata.Id, cancellation);
            if (accepted.Fault is { } unread)
            {
                return unread is Fault.NotFound ? Reconciled.Skip : unread;
            }

            // Not as one expression: null would be taken for the absence of a fault.
            if (accepted.Value.Spec.AcceptanceStatus is InfraMachineConfigSpec.Types.AcceptanceStatus.Accepted)
            {
                return null;
            }

            return Reconciled.Skip;
        }

        if (!link.Metadata.Labels.TryGetValue(MachineNames.Request, out var requestId))
        {
            return Reconciled.Skip;
        }

        var request = await context.Get(Kinds.MachineRequests, requestId, cancellation);
        var reported = await context.Get(Kinds.MachineRequestStatuses, requestId, cancellation);
        if ((request.Fault ?? reported.Fault) is { } fault)
        {
            return fault is Fault.NotFound ? Reconciled.Skip : fault;
        }

        if (reported.Value.Spec.Id.Length == 0)
        {
            return Reconciled.Skip;
        }

        if (request.Value.Metadata.Labels.TryGetValue(MachineNames.RequestSet, out var setId))
        {
            machine.Labels = machine.Labels.With(MachineNames.RequestSet, setId);
            var set = await context.Get(Kinds.MachineRequestSets, setId, cancellation);
            if (set.Fault is null && set.Value.Metadata.Owner == "MachineProvisionController")
            {
                machine.Labels = machine.Labels.With(MachineNames.NoManualAllocation, "");
            }
        }

        return null;
    }
}
