using Fleethold.Controllers.Machines.Joining;
using Fleethold.Controllers.Machines.Links;

namespace Fleethold.Controllers.Machines;

/// <summary>What is done for all machines every 30 seconds.</summary>
/// <param name="polling">Looks at links.</param>
/// <param name="limbo">Gives up machines in limbo.</param>
/// <param name="clock">The clock.</param>
public sealed class MachineUpkeep(LinkPolling polling, LimboCleanup limbo, TimeProvider clock)
{
    /// <summary>Works until it is cancelled.</summary>
    /// <param name="onFailure">Told when a round fails, as when the state can't be read; the next one comes in time.</param>
    /// <param name="cancellation">Ends it, without an exception.</param>
    public async Task Run(Action<Exception> onFailure, CancellationToken cancellation)
    {
        using var ticks = new PeriodicTimer(LinkPolling.Interval, clock);
        try
        {
            while (await ticks.WaitForNextTickAsync(cancellation))
            {
                try
                {
                    await polling.Poll(cancellation);
                    await limbo.Sweep(cancellation);
                }
                catch (Fleethold.Resources.FaultException failed)
                {
                    onFailure(failed);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }
}
