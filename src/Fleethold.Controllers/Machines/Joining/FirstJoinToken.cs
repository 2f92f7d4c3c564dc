using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>The join token that a new installation has (reference/siderolink.md 2.2).</summary>
public static class FirstJoinToken
{
    /// <summary>
    /// Where there is no join token at all, the one of the configuration of SideroLink becomes <c>initial token</c> and the default. For the start, before
    /// machines are answered; repeating it does nothing.
    /// </summary>
    /// <returns>Null on success, or why it failed.</returns>
    public static async ValueTask<Fault?> Ensure(IState state, TimeProvider clock, CancellationToken cancellation)
    {
        var tokens = await state.List(Kinds.JoinTokens, cancellation: cancellation);
        var config = await state.Get(Kinds.Configs, MachineNames.LinkConfig, cancellation);
        if (config.Fault is { } fault)
        {
            return fault;
        }

        var text = config.Value.Spec.InitialJoinToken;
        if (text.Length == 0 || tokens.Any(token => token.Metadata.Id != text))
        {
            return null;
        }

        var now = Instant.Now(clock);
        var first = Kinds.JoinTokens.New(text, new JoinTokenSpec { Name = "initial token" });
        var chosen = Kinds.DefaultJoinTokens.New(MachineNames.DefaultToken, new DefaultJoinTokenSpec { TokenId = text });
        foreach (var resource in (Resource[])[first.With(first.Metadata.WrittenAt(now)), chosen.With(chosen.Metadata.WrittenAt(now))])
        {
            var created = await state.Create(resource, cancellation: cancellation);
            if (created.Fault is { } refused and not Fault.AlreadyExists)
            {
                return refused;
            }
        }

        return null;
    }
}
