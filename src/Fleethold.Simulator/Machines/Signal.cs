namespace Fleethold.Simulator.Machines;

/// <summary>Counts that something happened, and wakes who waits for it. What happened between reading the count and waiting isn't missed.</summary>
internal sealed class Signal
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiting;
    private long _count;

    /// <summary>How often it was raised.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>It happened.</summary>
    public void Raise()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            _count++;
            (waiting, _waiting) = (_waiting, null);
        }

        waiting?.SetResult();
    }

    /// <summary>Returns once the count is greater than a given one.</summary>
    public Task After(long count, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_count > count)
            {
                return Task.CompletedTask;
            }

            _waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiting.Task.WaitAsync(cancellation);
        }
    }
}
