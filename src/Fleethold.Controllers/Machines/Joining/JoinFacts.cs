using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;
using Grpc.Core;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>All that a decision needs to know (reference/siderolink.md 2.5, steps 1 and 2).</summary>
internal sealed record JoinFacts
{
    /// <summary>What the machine sent.</summary>
    public required ProvisionRequest Request { get; init; }

    /// <summary>The link of its UUID, which may be another machine's.</summary>
    public required Resource<SiderolinkSpec>? Link { get; init; }

    /// <summary>The machine in limbo with its key, which is this machine.</summary>
    public required Resource<SiderolinkSpec>? Pending { get; init; }

    /// <summary>Our side of the tunnel.</summary>
    public required SiderolinkConfigSpec Config { get; init; }

    /// <summary>The unique token that is stored for its UUID; null for none.</summary>
    public required Resource<NodeUniqueTokenSpec>? Stored { get; init; }

    /// <summary>The unique token that it presents; null for none.</summary>
    public required NodeUniqueToken? Presented { get; init; }

    /// <summary>What its join token is worth.</summary>
    public required JoinTokenCheck Join { get; init; }

    /// <summary>WireGuard over gRPC.</summary>
    public required bool UsesTunnel { get; init; }

    /// <summary>It keeps a token of its own.</summary>
    public bool IsSecure => SecureJoin.IsSupportedBy(Version);

    /// <summary>Its version of Talos.</summary>
    public string Version => Request.TalosVersion.Length > 0 ? Request.TalosVersion : SecureJoin.AssumedVersion;

    /// <summary>The stored token, when it can be read.</summary>
    public NodeUniqueToken? StoredToken => Parse(Stored);

    /// <summary>The stored token of a resource, when there is one that can be read.</summary>
    public static NodeUniqueToken? Parse(Resource<NodeUniqueTokenSpec>? stored) =>
        stored is not null && NodeUniqueToken.TryParse(stored.Spec.Token, out var token, out _) && token is { HasToken: true } ? token : null;

    /// <summary>Collects them. Throws <see cref="FaultException"/> when the state can't be read.</summary>
    public static async ValueTask<(JoinFacts? Facts, ProvisionResult.Refused? Refused)> Collect(
        ProvisionRequest request, IState state, bool forcesTunnel, TimeProvider clock, CancellationToken cancellation)
    {
        var link = await JoinTokenCheck.Read(state, Kinds.Links, request.NodeUuid, cancellation);
        var config = (await state.Get(Kinds.Configs, MachineNames.LinkConfig, cancellation)).Value;
        var stored = await JoinTokenCheck.Read(state, Kinds.NodeUniqueTokens, request.NodeUuid, cancellation);
        var join = await JoinTokenCheck.Of(request.JoinToken, state, clock, cancellation);
        if (join.Problem is { } problem)
        {
            return (null, new(StatusCode.PermissionDenied, $"invalid join token {problem}"));
        }

        var pending = await JoinTokenCheck.Read(state, Kinds.PendingMachines, request.NodePublicKey, cancellation);
        if (!NodeUniqueToken.TryParse(request.NodeUniqueToken, out var presented, out var error))
        {
            return (null, new(StatusCode.PermissionDenied, error));
        }

        var wanted = await JoinTokenCheck.Read(state, Kinds.GRPCTunnelConfigs, request.NodeUuid, cancellation);
        var facts = new JoinFacts
        {
            Request = request,
            Link = link,
            Pending = pending,
            Config = config.Spec,
            Stored = stored,
            Presented = presented is { HasToken: true } ? presented : null,
            Join = join,
            UsesTunnel = forcesTunnel || (wanted?.Spec.Enabled ?? request.WireguardOverGrpc),
        };
        return (facts, null);
    }
}
