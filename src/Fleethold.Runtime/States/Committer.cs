using Fleethold.Resources;

namespace Fleethold.Runtime.States;

/// <summary>
/// Writes accepted changes to the log, as many at once as have gathered while the last batch was written (group commit), on a thread of its own,
/// as most logs block while the disk syncs.
/// </summary>
internal sealed class Committer : IAsyncDisposable
{
    private const int MaxBatch = 4096;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly ICommitLog _log;
    private readonly Action<IReadOnlyList<PendingWrite>> _show;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards the queue; never taken before a collection's lock is released, except by a writer that holds that lock already.
    private readonly object _gate = new();
    private readonly List<PendingWrite> _queue = [];
    private long _revision;
    private string? _refusing;
    private volatile string? _trouble;
    private bool _closed;

    public Committer(ICommitLog log, long revision, Action<IReadOnlyList<PendingWrite>> show, TimeProvider clock)
    {
        (_log, _revision, _show, _clock) = (log, revision, show, clock);
        new Thread(Run) { IsBackground = true, Name = "fleethold-commit" }.Start();
    }

    /// <summary>Why the last commit failed; null when it didn't.</summary>
    public string? Trouble => _trouble;

    /// <summary>Takes a change, with the collection's lock held: from now on writers are checked against it. Null, or why it isn't taken.</summary>
    public Fault? Enqueue(Collection collection, Slot slot, Accepted accepted)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return new Fault.Unavailable("the server is stopping");
            }

            if (_refusing is not null)
            {
                return new Fault.Unavailable(_refusing);
            }

            var mutation = accepted.ToMutation(++_revision, slot);
            var write = new PendingWrite(collection, slot, mutation);
            slot.Head = mutation.IsDestroy ? null : mutation.Resource;
            slot.HeadCreateRevision = mutation.CreateRevision;
            slot.Pending = write;
            _queue.Add(write);
            if (_queue.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }

        // A log that is out of reach must not keep the process from ending.
        if (_refusing is not null)
        {
            await _stopping.CancelAsync();
        }

        await _stopped.Task;
        await _log.DisposeAsync();
        _stopping.Dispose();
    }

    private void Run()
    {
        try
        {
            while (Next() is { } batch)
            {
                Write(batch);
            }
        }
        finally
        {
            _stopped.SetResult();
        }
    }

    private PendingWrite[]? Next()
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_closed)
            {
                Monitor.Wait(_gate);
            }

            if (_queue.Count == 0)
            {
                return null;
            }

            var batch = new PendingWrite[Math.Min(_queue.Count, MaxBatch)];
            _queue.CopyTo(0, batch, 0, batch.Length);
            _queue.RemoveRange(0, batch.Length);
            return batch;
        }
    }

    private void Write(PendingWrite[] batch)
    {
        var changes = Array.ConvertAll(batch, static write => write.Mutation);
        var delay = FirstRetry;
        while (true)
        {
            try
            {
                Block(_log.Commit(changes, _stopping.Token));
                _trouble = null;
                break;
            }
            catch (CommitLogException failure) when (failure.Outcome == CommitOutcome.NotWritten)
            {
                _trouble = failure.Message;
                RollBack(batch, failure.Message);
                return;
            }
            catch (Exception failure) when (failure is CommitLogException or OperationCanceledException)
            {
                _trouble = failure.Message;
                var fault = new Fault.Unavailable($"{failure.Message}; whether the change was made isn't known yet");
                Refuse(failure.Message, fault);
                Array.ForEach(batch, write => write.Complete(fault));
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }
            }

            Pause(delay);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, LongestRetry.Ticks));
        }

        _show(batch);
        Array.ForEach(batch, static write => write.Complete(null));
        Refuse(null, null);
    }

    /// <summary>Nothing of the batch was written: what was accepted since falls with it, for it was checked against the batch.</summary>
    private void RollBack(PendingWrite[] batch, string reason)
    {
        var fault = new Fault.Unavailable(reason);
        Refuse(reason, null);
        List<PendingWrite> fallen;
        lock (_gate)
        {
            fallen = [.. batch, .. _queue];
            _queue.Clear();
        }

        foreach (var write in fallen)
        {
            lock (write.Collection.Gate)
            {
                var slot = write.Slot;
                (slot.Head, slot.HeadCreateRevision, slot.Pending) = (slot.Committed, slot.CreateRevision, null);
                write.Collection.RemoveIfUnused(slot);
            }
        }

        Refuse(null, null);
        fallen.ForEach(write => write.Complete(fault));
    }

    /// <summary>Refuses new writes while there is a reason; those who wait already are told the fault, if any.</summary>
    private void Refuse(string? reason, Fault? tell)
    {
        lock (_gate)
        {
            _refusing = reason;
            if (tell is not null)
            {
                _queue.ForEach(write => write.Complete(tell));
            }
        }
    }

    private void Pause(TimeSpan delay)
    {
        try
        {
            Block(new ValueTask(Task.Delay(delay, _clock, _stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            // The next attempt sees that we are stopping.
        }
    }

    /// <summary>Blocks: this thread has nothing else to do, and no pool thread is taken.</summary>
    private static void Block(ValueTask task)
    {
        if (task.IsCompleted)
        {
            task.GetAwaiter().GetResult();
        }
        else
        {
            task.AsTask().GetAwaiter().GetResult();
        }
    }
}
