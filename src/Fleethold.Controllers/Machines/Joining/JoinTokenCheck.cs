using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.SideroLink.Provision;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>Whether a join token lets a machine in (reference/siderolink.md 2.2).</summary>
/// <param name="IsValid">It does.</param>
/// <param name="ProviderId">The infrastructure provider that it names, valid or not; null for none.</param>
/// <param name="Labels">What it gives the link; only a valid token gives anything.</param>
/// <param name="Problem">Why it can't be read; null when it can.</param>
internal sealed record JoinTokenCheck(bool IsValid, string? ProviderId, StringMap Labels, string? Problem)
{
    private static readonly JoinTokenCheck None = new(false, null, StringMap.Empty, null);

    /// <summary>Checks the text that a machine sent; an empty one is no token, and no error. Throws <see cref="FaultException"/> when the state can't be read.</summary>
    public static async ValueTask<JoinTokenCheck> Of(string text, IState state, TimeProvider clock, CancellationToken cancellation)
    {
        if (text.Length == 0)
        {
            return None;
        }

        if (!JoinToken.TryParse(text, out var token, out var problem))
        {
            return None with { Problem = problem };
        }

        var extra = token.ExtraData;
        var provider = extra is not null && extra.TryGetValue(MachineNames.Provider, out var id) && id.Length > 0 ? id : null;
        var isValid = token.Version switch
        {
            JoinTokenVersion.Plain => await IsActive(text, state, clock, cancellation),
            JoinTokenVersion.V2 when provider is not null =>
                await Read(state, Kinds.ProviderJoinConfigs, provider, cancellation) is { } config && token.IsMadeWith(config.Spec.JoinToken),
            _ => await Read(state, Kinds.DefaultJoinTokens, MachineNames.DefaultToken, cancellation) is { } chosen
                && token.IsMadeWith(chosen.Spec.TokenId)
                && await IsActive(chosen.Spec.TokenId, state, clock, cancellation),
        };
        return new(isValid, provider, isValid && extra is not null ? StringMap.From(extra) : StringMap.Empty, null);
    }

    /// <summary>A resource, or null. Throws <see cref="FaultException"/> when the state can't be read.</summary>
    internal static async ValueTask<Resource<TSpec>?> Read<TSpec>(IState state, ResourceKind<TSpec> kind, string id, CancellationToken cancellation)
        where TSpec : class, Google.Protobuf.IMessage<TSpec>, new()
    {
        var read = await state.Get(kind, id, cancellation);
        return read.Succeeded(out var present, out var fault) ? present : fault is Fault.NotFound ? null : throw new FaultException(fault);
    }

    private static async ValueTask<bool> IsActive(string token, IState state, TimeProvider clock, CancellationToken cancellation) =>
        await Read(state, Kinds.JoinTokenStatuses, token, cancellation) is { Spec: { State: JoinTokenStatusSpec.Types.State.Active } status }
        && (status.ExpirationTime is null || Instant.Now(clock).CompareTo(Instant.FromTimestamp(status.ExpirationTime)) <= 0);
}
