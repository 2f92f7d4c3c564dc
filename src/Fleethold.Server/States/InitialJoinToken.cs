using Fleethold.Controllers.Machines;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Server.Host;
using Fleethold.SideroLink.Provision;

namespace Fleethold.Server.States;

/// <summary>
/// Makes a first join token where there is none, and sees that there is a default one (reference/siderolink.md 2.2). Machines that were given the token
/// of an older store (<c>initial_join_token</c>) keep it.
/// </summary>
internal sealed partial class InitialJoinToken(ServerState state, ILogger<InitialJoinToken> log) : IStageService
{
    private const string Name = "initial token";

    /// <inheritdoc/>
    public Stage Stage => Stage.State;

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        if (await Ensure(state.Inside, cancellation))
        {
            Log.Created(log);
        }
    }

    /// <inheritdoc/>
    public Task Stop(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Does it; true when it has made a token.</summary>
    public static async Task<bool> Ensure(IState state, CancellationToken cancellation)
    {
        var tokens = await state.List(Kinds.JoinTokens, cancellation: cancellation);
        var isNew = tokens.Count == 0;
        var first = isNew ? await Create(state, cancellation) : (tokens.FirstOrDefault(token => token.Spec.Name == Name) ?? tokens[0]).Metadata.Id;

        // Also where a start ended between the two writes.
        if ((await state.Get(Kinds.DefaultJoinTokens, JoinTokenRules.DefaultId, cancellation)).Fault is Fault.NotFound)
        {
            var chosen = Kinds.DefaultJoinTokens.New(JoinTokenRules.DefaultId, new DefaultJoinTokenSpec { TokenId = first });
            _ = (await state.Create(chosen, cancellation: cancellation)).Value;
        }

        return isNew;
    }

    private static async Task<string> Create(IState state, CancellationToken cancellation)
    {
        var configured = (await state.Get(Kinds.Configs, MachineNames.LinkConfig, cancellation)).Succeeded(out var config, out _) ? config.Spec.InitialJoinToken : "";
        var token = configured.Length > 0 ? configured : JoinToken.Generate();
        _ = (await state.Create(Kinds.JoinTokens.New(token, new JoinTokenSpec { Name = Name }), cancellation: cancellation)).Value;
        return token;
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Information, "made the first join token; show it with `fhctl jointoken list`")]
        public static partial void Created(ILogger logger);
    }
}
