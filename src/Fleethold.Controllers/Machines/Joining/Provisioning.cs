using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;
using Grpc.Core;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>
/// Decides whether a machine may join, and as what (reference/siderolink.md 2.5). A repeated request that changes nothing writes nothing, but that a
/// machine in limbo is still there. Safe for any number of calls at once: what two of them decide about one machine is settled by the versions of
/// resources, and only the limit of registrations is behind a lock.
/// </summary>
/// <param name="state">The state, as the server itself may use it.</param>
/// <param name="options">Who may join, and how long answers wait.</param>
/// <param name="clock">For limits and time stamps.</param>
public sealed class Provisioning(IState state, ProvisioningOptions options, TimeProvider clock) : IDisposable
{
    private static readonly ProvisionResult.Refused Unauthorized = new(StatusCode.PermissionDenied, "unauthorized");

    private readonly LinkWriter _links = new(state, options, clock);
    private readonly UniqueTokenStore _tokens = new(state, clock);

    /// <summary>Answers one request; the peer is there when this returns an answer.</summary>
    public async Task<ProvisionResult> Provision(ProvisionRequest request, CancellationToken cancellation)
    {
        if (RequestLimits.Problem(request) is { } problem)
        {
            return new ProvisionResult.Refused(StatusCode.InvalidArgument, problem);
        }

        if (!PublicKey.TryParse(request.NodePublicKey, out _))
        {
            return new ProvisionResult.Refused(StatusCode.InvalidArgument, "error parsing Wireguard key: it must be 32 bytes in base64, which are 44 characters");
        }

        JoinFacts facts;
        try
        {
            var (collected, refused) = await JoinFacts.Collect(request, state, options.ForcesGrpcTunnel, clock, cancellation);
            if (collected is null)
            {
                return refused!;
            }

            facts = collected;
        }
        catch (FaultException failed)
        {
            return new ProvisionResult.Refused(StatusCode.Unknown, failed.Fault.Message);
        }

        try
        {
            return await Decide(facts, cancellation);
        }
        catch (FaultException)
        {
            return LinkWriter.Failed;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _links.Dispose();

    private async ValueTask<ProvisionResult> Decide(JoinFacts facts, CancellationToken cancellation)
    {
        if (options.Mode is JoinTokenMode.Strict && !facts.IsSecure)
        {
            return new ProvisionResult.Refused(
                StatusCode.FailedPrecondition,
                $"Talos version {facts.Version} is not supported on this Omni instance as '--join-tokens-mode' is set to 'strict'");
        }

        if (options.Mode is JoinTokenMode.Legacy || !facts.IsSecure)
        {
            var isTakeover = options.Mode is not JoinTokenMode.Legacy && facts.Stored is { Spec.Token.Length: > 0 };
            return facts.Join.IsValid && !isTakeover ? await Link(facts, LinkMarks.None, cancellation) : Unauthorized;
        }

        if (!facts.Join.IsValid && !(facts.Presented is { } shown && facts.StoredToken is { } known && shown.IsSameToken(known)))
        {
            return Unauthorized;
        }

        if (facts.Link is { Metadata.Phase: Phase.TearingDown })
        {
            return LinkWriter.TearingDown;
        }

        var isInstalled = facts.Pending is not null && await InLimbo(facts, cancellation) is { Spec.TalosInstalled: true };
        if (facts.Presented is not { } presented)
        {
            return await Limbo(facts, isConflict: false, cancellation);
        }

        var marks = await MarksOf(facts, isInstalled, cancellation);
        return await _tokens.Store(facts.Request, presented, marks.IsForced, cancellation) switch
        {
            TokenOutcome.Stored => await Link(facts, marks, cancellation),
            TokenOutcome.Conflict => await Limbo(facts, isConflict: true, cancellation),
            _ => Unauthorized,
        };
    }

    /// <summary>Steps 3 and 4: whether a different token of the same hardware is refused, because the stored one is on a disk.</summary>
    private async ValueTask<LinkMarks> MarksOf(JoinFacts facts, bool isInstalled, CancellationToken cancellation)
    {
        var isForced = isInstalled;
        if (facts.Stored is { } stored)
        {
            isForced = facts.Link is { } link ? link.Metadata.Annotations.ContainsKey(MachineNames.ForceValidToken) : isForced;
            var hardware = await JoinTokenCheck.Read(state, Kinds.InfraMachineStatuses, facts.Request.NodeUuid, cancellation);
            if (stored.Spec.Token.Length > 0 && hardware?.Spec.WipedNodeUniqueToken == stored.Spec.Token)
            {
                return new LinkMarks(HasToken: true, IsForced: false, IsWiped: true);
            }
        }

        return new LinkMarks(HasToken: true, isForced, IsWiped: false);
    }

    /// <summary>A machine in limbo that calls again is still there; it is answered once its token is written.</summary>
    private async ValueTask<Resource<PendingMachineStatusSpec>> InLimbo(JoinFacts facts, CancellationToken cancellation)
    {
        await _links.Touch(facts.Pending!, cancellation);
        return await state.Await<PendingMachineStatusSpec>(
                Kinds.PendingMachineStatuses.Named(facts.Request.NodePublicKey),
                static status => status.Spec.Token.Length > 0,
                options.LimboLimit,
                clock,
                cancellation)
            ?? throw new FaultException(new Fault.Unavailable("the unique token couldn't be written to the machine in time"));
    }

    private async ValueTask<ProvisionResult> Limbo(JoinFacts facts, bool isConflict, CancellationToken cancellation)
    {
        if (await RefuseWithoutProvider(facts, cancellation) is { } refused)
        {
            return refused;
        }

        return await Answer(facts, await _links.WritePending(facts, isConflict, cancellation), cancellation);
    }

    private async ValueTask<ProvisionResult> Link(JoinFacts facts, LinkMarks marks, CancellationToken cancellation)
    {
        if (await RefuseWithoutProvider(facts, cancellation) is { } refused)
        {
            return refused;
        }

        var (link, tooMany) = await _links.WriteLink(facts, marks, cancellation);
        if (link is null)
        {
            return tooMany!;
        }

        await _links.WriteUsage(facts.Request, cancellation);
        return await Answer(facts, link, cancellation);
    }

    private async ValueTask<ProvisionResult.Refused?> RefuseWithoutProvider(JoinFacts facts, CancellationToken cancellation)
    {
        if (facts.Join.ProviderId is not { } id)
        {
            return null;
        }

        var read = await state.Get(Kinds.InfraProviders, id, cancellation);
        return read.Succeeded(out var provider, out var fault) && provider.Metadata.Phase is Phase.Running ? null
            : fault is null or Fault.NotFound ? new ProvisionResult.Refused(StatusCode.NotFound, "the infra provider is being deleted or doesn't exist")
            : new ProvisionResult.Refused(StatusCode.Internal, $"failed to fetch infra provider {id}");
    }

    /// <summary>
    /// Waits until the peer is there with this very key (reference/siderolink.md 1.3): before that the first handshake of the machine would be lost.
    /// </summary>
    private async ValueTask<ProvisionResult> Answer(JoinFacts facts, Resource<SiderolinkSpec> link, CancellationToken cancellation)
    {
        var spec = link.Spec;
        var status = await state.Await<LinkStatusSpec>(
            Kinds.LinkStatuses.Named(MachineNames.StatusOf(link.Metadata)),
            status => status.Spec.NodePublicKey == facts.Request.NodePublicKey && status.Spec.VirtualAddrport == spec.VirtualAddrport,
            options.PeerLimit,
            clock,
            cancellation);
        if (status is null)
        {
            return LinkWriter.Failed;
        }

        var config = facts.Config;
        var response = new ProvisionResponse
        {
            ServerPublicKey = config.PublicKey,
            NodeAddressPrefix = spec.NodeSubnet,
            ServerAddress = config.ServerAddress,
            GrpcPeerAddrPort = spec.VirtualAddrport,
        };
        if (spec.VirtualAddrport.Length > 0)
        {
            response.ServerEndpoint.Add(spec.VirtualAddrport);
        }
        else
        {
            var advertised = config.AdvertisedEndpoint.Length > 0 ? config.AdvertisedEndpoint : config.WireguardEndpoint;
            response.ServerEndpoint.AddRange(EndpointOrder.OnTheWire(advertised.Split(',')));
        }

        return new ProvisionResult.Answered(response);
    }
}
