using System.Collections.Concurrent;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.Controllers;
using State = Fleethold.Resources.Specs.JoinTokenStatusSpec.Types.State;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>
/// Whether a join token lets machines in, who used it, and whom its revocation would lock out (reference/siderolink.md 2.2 and 2.6). Its state follows at
/// once; who used it is counted at most every two seconds, and the more seldom the more there are, as a thousand machines may join in ten seconds.
/// </summary>
internal static class JoinTokenStatusRule
{
    private const string ActiveLabel = "omni.sidero.dev/token-active";

    /// <summary>The shortest time between two counts.</summary>
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(2);

    /// <summary>The longest time until a state is looked at again: timers don't reach further.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The controller.</summary>
    public static Controller Create()
    {
        var counted = new ConcurrentDictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        return Controller.Transform("JoinTokenStatusController", Kinds.JoinTokens, Kinds.JoinTokenStatuses)
            .AlsoReads(
                Kinds.JoinTokenUsages,
                static (_, usage, _) => ValueTask.FromResult(TokenOf((usage as Resource<JoinTokenUsageSpec>)?.Spec.TokenId)))
            .AlsoReads(
                Kinds.DefaultJoinTokens,
                static (_, chosen, _) => ValueTask.FromResult(TokenOf((chosen as Resource<DefaultJoinTokenSpec>)?.Spec.TokenId)))
            .AlsoReads(
                Kinds.NodeUniqueTokenStatuses,
                static async (reader, status, cancellation) =>
                    TokenOf((await reader.Get(Kinds.JoinTokenUsages, status.Metadata.Id, cancellation)) is { Fault: null } usage ? usage.Value.Spec.TokenId : null))
            .WithConcurrency(4)
            .OnTeardown((_, token, _) =>
            {
                counted.TryRemove(token.Metadata.Id, out var _);
                return ValueTask.FromResult(Reconciled.Done);
            })
            .Do((context, token, status, cancellation) => Judge(counted, context, token, status, cancellation));
    }

    /// <summary>Signed tokens are nobody's: the count of the default token leaves them out, as upstream's does.</summary>
    private static IEnumerable<string> TokenOf(string? id) =>
        id is { Length: > 0 } && !id.StartsWith("v1:", StringComparison.Ordinal) && !id.StartsWith("v2:", StringComparison.Ordinal) ? [id] : [];

    private static async ValueTask<Reconciled> Judge(
        ConcurrentDictionary<string, DateTimeOffset> counted,
        ControllerContext context,
        Resource<JoinTokenSpec> token,
        OutputDraft<JoinTokenStatusSpec> status,
        CancellationToken cancellation)
    {
        var chosen = await context.Get(Kinds.DefaultJoinTokens, MachineNames.DefaultToken, cancellation);
        if (chosen.Fault is { } fault and not Fault.NotFound)
        {
            return fault;
        }

        var now = context.Clock.GetUtcNow();
        var expiry = token.Spec.ExpirationTime is { } time ? Instant.FromTimestamp(time).ToDateTimeOffset() : default(DateTimeOffset?);
        var state = token.Spec.Revoked ? State.Revoked : now > expiry ? State.Expired : State.Active;
        var spec = status.Spec;
        spec.State = state;
        spec.IsDefault = chosen.Fault is null && chosen.Value.Spec.TokenId == token.Metadata.Id;
        spec.ExpirationTime = token.Spec.ExpirationTime?.Clone();
        spec.Name = token.Spec.Name;
        status.Labels = state is State.Active ? status.Labels.With(ActiveLabel, "") : status.Labels.Without(ActiveLabel);

        var again = state is State.Active && expiry is not null ? Shorter(expiry.Value - now + TimeSpan.FromMilliseconds(1), Longest) : default(TimeSpan?);
        var pause = CountEvery + TimeSpan.FromMilliseconds(spec.UseCount * 2);
        if (counted.TryGetValue(token.Metadata.Id, out var last) && now - last < pause && !status.IsNew)
        {
            var rest = pause - (now - last);
            return Requeue.After(again is { } other ? Shorter(rest, other) : rest);
        }

        await Count(context, token.Metadata.Id, spec, cancellation);
        counted[token.Metadata.Id] = now;
        return again is { } due ? Requeue.After(due) : Reconciled.Done;
    }

    private static async ValueTask Count(ControllerContext context, string token, JoinTokenStatusSpec spec, CancellationToken cancellation)
    {
        spec.Warnings.Clear();
        spec.UseCount = 0;
        foreach (var usage in await context.List(Kinds.JoinTokenUsages, cancellation: cancellation))
        {
            if (usage.Spec.TokenId != token)
            {
                continue;
            }

            spec.UseCount++;
            var status = await context.Get(Kinds.NodeUniqueTokenStatuses, usage.Metadata.Id, cancellation);
            if (WarningFor(status.Fault is null ? status.Value.Spec.State : NodeUniqueTokenStatusSpec.Types.State.Unknown) is { } message)
            {
                spec.Warnings.Add(new JoinTokenStatusSpec.Types.Warning { Machine = usage.Metadata.Id, Message = message });
            }
        }
    }

    private static string? WarningFor(NodeUniqueTokenStatusSpec.Types.State state) => state switch
    {
        NodeUniqueTokenStatusSpec.Types.State.Persistent => null,
        NodeUniqueTokenStatusSpec.Types.State.None => "Does not have the node unique token",
        NodeUniqueTokenStatusSpec.Types.State.Ephemeral => "Talos is not installed so the generated node unique token is ephemeral",
        NodeUniqueTokenStatusSpec.Types.State.Unsupported => "Installed Talos version does not support unique node tokens",
        _ => "The machine node unique token status is not determined",
    };

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
