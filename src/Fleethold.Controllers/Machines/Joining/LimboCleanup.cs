using Fleethold.Resources;
using Fleethold.Runtime;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>Machines in limbo that didn't ask for thirty seconds are given up; those that became links go this way too (reference/siderolink.md 2.6).</summary>
/// <param name="state">The state.</param>
/// <param name="clock">The clock.</param>
public sealed class LimboCleanup(IState state, TimeProvider clock)
{
    private static readonly TimeSpan PatienceFor = TimeSpan.FromSeconds(30);

    /// <summary>Tears down what is too old; a controller destroys it. For every 30 s.</summary>
    public async Task Sweep(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        foreach (var pending in await state.List(Kinds.PendingMachines, cancellation: cancellation))
        {
            var (created, updated) = (pending.Metadata.Created, pending.Metadata.Updated);
            var asked = (updated.CompareTo(created) > 0 ? updated : created).ToDateTimeOffset();
            if (pending.Metadata.Phase is Phase.Running && now - asked > PatienceFor)
            {
                // One that was touched meanwhile asks again after the removal; one that is gone is what we want.
                await state.Teardown(pending.Ref, pending.Metadata.Owner, cancellation);
            }
        }
    }
}
