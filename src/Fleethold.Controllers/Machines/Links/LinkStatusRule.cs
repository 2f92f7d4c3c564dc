using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Controllers.Machines.Links;

/// <summary>
/// Makes links and machines in limbo peers of the tunnel; the status says that the peer is there (reference/siderolink.md 4, reference/controllers.md 3.8).
/// </summary>
internal static class LinkStatusRule
{
    /// <summary>Of links.</summary>
    public static Controller ForLinks(PeerOwners peers, RuleSettings settings) =>
        Declare("LinkStatusController[Link]", Kinds.Links)
            .AlsoReads(Kinds.GRPCTunnelConfigs, Map.SameId)
            .Do((context, link, status, cancellation) => Follow(context, link, link.Metadata.Id, status, peers, settings, cancellation), peers);

    /// <summary>Of machines in limbo.</summary>
    public static Controller ForPendingMachines(PeerOwners peers, RuleSettings settings) =>
        Declare("LinkStatusController[PendingMachine]", Kinds.PendingMachines)
            .AlsoReads(Kinds.GRPCTunnelConfigs, Map.Labelled(Kinds.PendingMachines, MachineNames.MachineUuid))
            .Do(
                (context, pending, status, cancellation) =>
                    Follow(context, pending, pending.Metadata.Labels.GetValueOrDefault(MachineNames.MachineUuid, ""), status, peers, settings, cancellation),
                peers);

    /// <summary>From the name of a status to its link; null when it is another kind's.</summary>
    public static string? OwnerOf(string status, ResourceKind kind) =>
        status.Length > kind.Type.Length + 1 && status.EndsWith(kind.Type, StringComparison.Ordinal) && status[^(kind.Type.Length + 1)] == '/'
            ? status[..^(kind.Type.Length + 1)]
            : null;

    private static TransformDeclaration<SiderolinkSpec, LinkStatusSpec> Declare(string name, ResourceKind<SiderolinkSpec> kind) =>
        Controller.Transform(name, kind, Kinds.LinkStatuses)
            .WithOutputId(MachineNames.StatusOf, status => OwnerOf(status.Id, kind))
            .SharesOutput()
            .WithConcurrency(32);

    private static Controller Do(
        this TransformDeclaration<SiderolinkSpec, LinkStatusSpec> declaration,
        Func<ControllerContext, Resource<SiderolinkSpec>, OutputDraft<LinkStatusSpec>, CancellationToken, ValueTask<Reconciled>> follow,
        PeerOwners peers) => declaration
            .OnTeardown((_, link, _) =>
            {
                peers.Release(MachineNames.StatusOf(link.Metadata), link.Spec.NodePublicKey);
                return ValueTask.FromResult(Reconciled.Done);
            })
            .Do(follow);

    private static async ValueTask<Reconciled> Follow(
        ControllerContext context,
        Resource<SiderolinkSpec> link,
        string uuid,
        OutputDraft<LinkStatusSpec> status,
        PeerOwners peers,
        RuleSettings settings,
        CancellationToken cancellation)
    {
        if (!StoredPeer.TryRead(link.Spec, out var peer))
        {
            return new Fault.Invalid($"the key or an address of {link.Metadata} is damaged: delete it, and the machine registers anew");
        }

        var read = await context.Get(Kinds.GRPCTunnelConfigs, uuid, cancellation);
        if (read.Fault is not (null or Fault.NotFound))
        {
            return read.Fault;
        }

        // Without its peer the machine finds its link dead after 275 s, asks again, and is told the other way.
        if (read.Fault is null && (settings.ForcesGrpcTunnel || read.Value.Spec.Enabled) != (peer.VirtualAddress is not null))
        {
            peers.Release(status.Id, link.Spec.NodePublicKey);
            return Reconciled.DestroyOutput;
        }

        peers.Acquire(status.Id, peer, link.Ref.Type == Kinds.Links.Type);
        status.Annotations = link.Metadata.Annotations;
        status.Spec = new LinkStatusSpec
        {
            NodeSubnet = link.Spec.NodeSubnet,
            NodePublicKey = link.Spec.NodePublicKey,
            VirtualAddrport = link.Spec.VirtualAddrport,
            LinkId = link.Metadata.Id,
        };
        return Reconciled.Done;
    }
}
