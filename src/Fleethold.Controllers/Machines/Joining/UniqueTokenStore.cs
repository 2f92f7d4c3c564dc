using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>What became of a presented token.</summary>
internal enum TokenOutcome
{
    /// <summary>It is stored: the machine is the one of this UUID.</summary>
    Stored,

    /// <summary>Another machine has this UUID.</summary>
    Conflict,

    /// <summary>The same hardware with another token, where only the stored one is taken.</summary>
    Refused,
}

/// <summary>Keeps the unique tokens of machines (reference/siderolink.md 2.5, the table of step 9).</summary>
internal sealed class UniqueTokenStore(IState state, TimeProvider clock)
{
    /// <summary>Compares with what is stored and stores, in one step: of two machines that come at once with one UUID, the second meets the token of the first.</summary>
    public async ValueTask<TokenOutcome> Store(ProvisionRequest request, NodeUniqueToken presented, bool isForced, CancellationToken cancellation)
    {
        while (true)
        {
            var stored = await JoinTokenCheck.Read(state, Kinds.NodeUniqueTokens, request.NodeUuid, cancellation);
            if (JoinFacts.Parse(stored) is { } known && !known.IsSameToken(presented))
            {
                if (!known.IsSameHardware(presented))
                {
                    return TokenOutcome.Conflict;
                }

                if (isForced)
                {
                    return TokenOutcome.Refused;
                }
            }

            if (stored?.Spec.Token == request.NodeUniqueToken)
            {
                return TokenOutcome.Stored;
            }

            // The text is kept byte for byte: that a disk was wiped is told by this text.
            var written = stored is null
                ? await state.Create(New(request), cancellation: cancellation)
                : await state.Update(stored.With(spec => spec.Token = request.NodeUniqueToken), cancellation: cancellation);
            switch (written.Fault)
            {
                case null:
                    return TokenOutcome.Stored;
                case Fault.AlreadyExists or Fault.VersionConflict or Fault.NotFound:
                    cancellation.ThrowIfCancellationRequested();
                    break;
                case var fault:
                    throw new FaultException(fault);
            }
        }
    }

    private Resource<NodeUniqueTokenSpec> New(ProvisionRequest request)
    {
        var token = Kinds.NodeUniqueTokens.New(request.NodeUuid, new NodeUniqueTokenSpec { Token = request.NodeUniqueToken });
        return token.With(token.Metadata.WrittenAt(Instant.Now(clock)));
    }
}
