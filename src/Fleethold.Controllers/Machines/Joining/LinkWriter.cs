using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.SideroLink.Wire;
using Grpc.Core;
using Metadata = Fleethold.Resources.Metadata;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>
/// Makes links and machines in limbo, or brings them up to date: of what is there, only the key, the virtual address and annotations change, never
/// the address and labels (reference/siderolink.md 2.5).
/// </summary>
internal sealed class LinkWriter(IState state, ProvisioningOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>What a machine is told when something went wrong that isn't its fault.</summary>
    public static readonly ProvisionResult.Refused Failed = new(StatusCode.Internal, "internal server error");

    /// <summary>What it is told while its old link goes.</summary>
    public static readonly ProvisionResult.Refused TearingDown = new(
        StatusCode.AlreadyExists, "the machine with the same UUID is already registered in Omni and is in the tearing down phase");

    /// <summary>A machine in limbo is noted again only after this time; it is given up after thirty seconds.</summary>
    private static readonly TimeSpan TouchAfter = TimeSpan.FromSeconds(5);

    private readonly TakenAddresses _addresses = new(state);
    private readonly SemaphoreSlim _registering = new(1, 1);

    /// <summary>The link of a machine that may join. Throws <see cref="FaultException"/>.</summary>
    public async ValueTask<(Resource<SiderolinkSpec>? Link, ProvisionResult.Refused? Refused)> WriteLink(
        JoinFacts facts, LinkMarks marks, CancellationToken cancellation)
    {
        var present = facts.Link;
        while (true)
        {
            if (present is null)
            {
                var (created, refused) = await Register(facts, marks, cancellation);
                if (created is not null || refused is not null)
                {
                    return (created, refused);
                }

                present = await JoinTokenCheck.Read(state, Kinds.Links, facts.Request.NodeUuid, cancellation);
                continue;
            }

            if (present.Metadata.Phase is Phase.TearingDown)
            {
                return (null, TearingDown);
            }

            var virtualAddress = await VirtualAddressOf(facts, present, cancellation);
            var updated = await state.Modify(
                present.Ref,
                link => Renewed((Resource<SiderolinkSpec>)link, facts, virtualAddress, marks.On(link.Metadata.Annotations)),
                present.Metadata.Owner,
                cancellation: cancellation);
            switch (updated.Fault)
            {
                case null:
                    return ((Resource<SiderolinkSpec>)updated.Value, null);
                case Fault.NotFound:
                    present = null;
                    break;
                case Fault.PhaseConflict:
                    return (null, TearingDown);
                case var fault:
                    throw new FaultException(fault);
            }
        }
    }

    /// <summary>The machine in limbo that makes this request. Throws <see cref="FaultException"/>.</summary>
    public async ValueTask<Resource<SiderolinkSpec>> WritePending(JoinFacts facts, bool isConflict, CancellationToken cancellation)
    {
        var virtualAddress = await VirtualAddressOf(facts, facts.Link, cancellation);
        var reference = Kinds.PendingMachines.Named(facts.Request.NodePublicKey);
        while (true)
        {
            var updated = await state.Modify(
                reference,
                pending => Renewed((Resource<SiderolinkSpec>)pending, facts, virtualAddress, PendingMarks(pending.Metadata, isConflict)),
                cancellation: cancellation);
            if (updated.Fault is null)
            {
                return (Resource<SiderolinkSpec>)updated.Value;
            }

            if (updated.Fault is not Fault.NotFound)
            {
                throw new FaultException(updated.Fault);
            }

            // The address of a link is the link's alone as long as another key may be the real holder of this UUID.
            var isSameBoot = facts.Link?.Spec.NodePublicKey == facts.Request.NodePublicKey;
            var spec = new SiderolinkSpec
            {
                NodeSubnet = isSameBoot ? facts.Link!.Spec.NodeSubnet : await _addresses.NewMachine(cancellation),
                NodePublicKey = facts.Request.NodePublicKey,
                VirtualAddrport = virtualAddress,
                Connected = true,
            };
            var fresh = Kinds.PendingMachines.New(reference.Id, spec);
            var created = await Create(
                fresh.With(fresh.Metadata with
                {
                    Labels = facts.Join.Labels.With(MachineNames.MachineUuid, facts.Request.NodeUuid),
                    Annotations = PendingMarks(fresh.Metadata, isConflict),
                }),
                cancellation);
            if (created is not null)
            {
                return created;
            }
        }
    }

    /// <summary>Notes that a machine in limbo is still there.</summary>
    public async ValueTask Touch(Resource<SiderolinkSpec> pending, CancellationToken cancellation)
    {
        var touched = await state.Modify(
            pending.Ref, one => one.With(one.Metadata with { Annotations = PendingMarks(one.Metadata, isConflict: false) }), cancellation: cancellation);
        if (touched.Fault is { } fault and not (Fault.NotFound or Fault.PhaseConflict))
        {
            throw new FaultException(fault);
        }
    }

    /// <summary>Notes which token a machine used last. Throws <see cref="FaultException"/>.</summary>
    public async ValueTask WriteUsage(ProvisionRequest request, CancellationToken cancellation)
    {
        var reference = Kinds.JoinTokenUsages.Named(request.NodeUuid);
        while (true)
        {
            var updated = await state.Modify(
                reference, usage => ((Resource<JoinTokenUsageSpec>)usage).With(spec => spec.TokenId = request.JoinToken), cancellation: cancellation);
            if (updated.Fault is null)
            {
                return;
            }

            if (updated.Fault is not Fault.NotFound)
            {
                throw new FaultException(updated.Fault);
            }

            var fresh = Kinds.JoinTokenUsages.New(request.NodeUuid, new JoinTokenUsageSpec { TokenId = request.JoinToken });
            if (await Create(fresh, cancellation) is not null)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _addresses.Dispose();
        _registering.Dispose();
    }

    private async ValueTask<(Resource<SiderolinkSpec>? Link, ProvisionResult.Refused? Refused)> Register(
        JoinFacts facts, LinkMarks marks, CancellationToken cancellation)
    {
        if (options.MaxMachines <= 0)
        {
            return (await CreateLink(facts, marks, cancellation), null);
        }

        await _registering.WaitAsync(cancellation);
        try
        {
            var count = (await state.List(Kinds.Links, cancellation: cancellation)).Count;
            return count >= options.MaxMachines
                ? (null, new ProvisionResult.Refused(StatusCode.ResourceExhausted, $"machine registration limit reached: {count}/{options.MaxMachines} machines registered"))
                : (await CreateLink(facts, marks, cancellation), null);
        }
        finally
        {
            _registering.Release();
        }
    }

    private async ValueTask<Resource<SiderolinkSpec>?> CreateLink(JoinFacts facts, LinkMarks marks, CancellationToken cancellation)
    {
        var spec = new SiderolinkSpec
        {
            NodeSubnet = facts.Pending?.Spec.NodeSubnet ?? await _addresses.NewMachine(cancellation),
            NodePublicKey = facts.Request.NodePublicKey,
            VirtualAddrport = await VirtualAddressOf(facts, null, cancellation),
            Connected = true,
        };
        var link = Kinds.Links.New(facts.Request.NodeUuid, spec);
        return await Create(link.With(link.Metadata with { Labels = facts.Join.Labels, Annotations = marks.On(StringMap.Empty) }), cancellation);
    }

    /// <summary>Null when somebody else was faster.</summary>
    private async ValueTask<Resource<TSpec>?> Create<TSpec>(Resource<TSpec> resource, CancellationToken cancellation)
        where TSpec : class, Google.Protobuf.IMessage<TSpec>, new()
    {
        var created = await state.Create(resource.With(resource.Metadata.WrittenAt(Instant.Now(clock))), cancellation: cancellation);
        return created.Fault is Fault.AlreadyExists ? null : (Resource<TSpec>)created.Value;
    }

    private static Resource<SiderolinkSpec> Renewed(Resource<SiderolinkSpec> present, JoinFacts facts, string virtualAddress, StringMap annotations) => present
        .With(spec => (spec.NodePublicKey, spec.VirtualAddrport) = (facts.Request.NodePublicKey, virtualAddress))
        .With(present.Metadata with { Annotations = annotations });

    private StringMap PendingMarks(Metadata pending, bool isConflict)
    {
        var now = Instant.Now(clock);
        var isFresh = pending.Annotations.ContainsKey(MachineNames.Timestamp) && now.ToDateTimeOffset() - pending.Updated.ToDateTimeOffset() < TouchAfter;
        var marked = isFresh ? pending.Annotations : pending.Annotations.With(MachineNames.Timestamp, now.ToString());
        return isConflict ? marked.With(MachineNames.UuidConflict, "") : marked;
    }

    /// <summary>Kept as long as the key is the same: it names a live tunnel.</summary>
    private async ValueTask<string> VirtualAddressOf(JoinFacts facts, Resource<SiderolinkSpec>? link, CancellationToken cancellation)
    {
        if (!facts.UsesTunnel)
        {
            return "";
        }

        foreach (var spec in (SiderolinkSpec?[])[link?.Spec, facts.Pending?.Spec])
        {
            if (spec is { VirtualAddrport.Length: > 0 } && spec.NodePublicKey == facts.Request.NodePublicKey)
            {
                return spec.VirtualAddrport;
            }
        }

        return await _addresses.NewVirtual(cancellation);
    }
}
