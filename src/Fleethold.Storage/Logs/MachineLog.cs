namespace Fleethold.Storage.Logs;

/// <summary>What is known in memory about the log of one machine: its name in the table, and who waits for its next line.</summary>
internal sealed class MachineLog(string name)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _change;
    private long _version;
    private bool _isGone;

    /// <summary>The machine in the table: it doesn't tell the id to those who lack the key.</summary>
    public string Name => name;

    /// <summary>Lines stored since the last trim; for the writer alone.</summary>
    public long SinceTrim { get; set; }

    /// <summary>Grows with every commit that has lines of the machine.</summary>
    public long Version
    {
        get
        {
            lock (_gate)
            {
                return _version;
            }
        }
    }

    /// <summary>Wakes those who wait.</summary>
    public void Changed()
    {
        lock (_gate)
        {
            _version++;
            Wake();
        }
    }

    /// <summary>No line comes any more: the machine was removed, or the store closes.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isGone = true;
            Wake();
        }
    }

    /// <summary>Waits until there is a newer version than the one seen.</summary>
    /// <returns>False when no line comes any more.</returns>
    public async ValueTask<bool> WaitForChange(long seen, CancellationToken cancellation)
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (_isGone || _version != seen)
                {
                    return !_isGone;
                }

                _change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                change = _change.Task;
            }

            await change.WaitAsync(cancellation);
        }
    }

    private void Wake()
    {
        _change?.SetResult();
        _change = null;
    }
}
