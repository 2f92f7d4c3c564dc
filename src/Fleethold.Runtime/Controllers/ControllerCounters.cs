namespace Fleethold.Runtime.Controllers;

/// <summary>What a controller did since its engine started.</summary>
/// <param name="Wakeups">Reconcile calls begun, no-ops included.</param>
/// <param name="ReconcileCycles">Reconcile calls that ended without fault or crash.</param>
/// <param name="Processed">Reconcile calls that ended in any way.</param>
/// <param name="Crashes">Exceptions of reconcile calls and mappings.</param>
/// <param name="Requeues">Items that were put back: asked for, or after a fault or a crash.</param>
/// <param name="Reads">Gets and lists.</param>
/// <param name="Writes">Creates, updates, teardowns and destroys that were asked of the state; unchanged outputs aren't.</param>
/// <param name="MappedIn">Changes that were mapped.</param>
/// <param name="MappedOut">Items that they were mapped to.</param>
/// <param name="QueueLength">Items ready to run now.</param>
/// <param name="Busy">Time in reconcile calls, waits included, summed over all that ran side by side.</param>
public sealed record ControllerStatistics(
    long Wakeups,
    long ReconcileCycles,
    long Processed,
    long Crashes,
    long Requeues,
    long Reads,
    long Writes,
    long MappedIn,
    long MappedOut,
    int QueueLength,
    TimeSpan Busy);

internal sealed class ControllerCounters
{
    private long _wakeups;
    private long _cycles;
    private long _processed;
    private long _crashes;
    private long _requeues;
    private long _reads;
    private long _writes;
    private long _mappedIn;
    private long _mappedOut;
    private long _busy;

    public void CountWakeup() => Interlocked.Increment(ref _wakeups);

    public void CountEnd(bool succeeded, TimeSpan busy)
    {
        Interlocked.Increment(ref _processed);
        Interlocked.Add(ref _busy, busy.Ticks);
        if (succeeded)
        {
            Interlocked.Increment(ref _cycles);
        }
    }

    public void CountCrash() => Interlocked.Increment(ref _crashes);

    public void CountRequeue() => Interlocked.Increment(ref _requeues);

    public void CountRead() => Interlocked.Increment(ref _reads);

    public void CountWrite() => Interlocked.Increment(ref _writes);

    public void CountMapping(int items)
    {
        Interlocked.Increment(ref _mappedIn);
        Interlocked.Add(ref _mappedOut, items);
    }

    public ControllerStatistics Read(int queueLength) => new(
        Interlocked.Read(ref _wakeups),
        Interlocked.Read(ref _cycles),
        Interlocked.Read(ref _processed),
        Interlocked.Read(ref _crashes),
        Interlocked.Read(ref _requeues),
        Interlocked.Read(ref _reads),
        Interlocked.Read(ref _writes),
        Interlocked.Read(ref _mappedIn),
        Interlocked.Read(ref _mappedOut),
        queueLength,
        TimeSpan.FromTicks(Interlocked.Read(ref _busy)));
}
