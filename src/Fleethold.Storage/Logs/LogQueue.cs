namespace Fleethold.Storage.Logs;

/// <summary>Something for the writer to do.</summary>
/// <param name="Log">Whose; null for a mere marker.</param>
/// <param name="Start">Where its line lies in the batch.</param>
/// <param name="Length">The length of its line; 0 when the log is to be removed.</param>
/// <param name="Done">Told when it is done; null for lines.</param>
internal readonly record struct PendingWork(MachineLog? Log, int Start, int Length, TaskCompletionSource? Done);

/// <summary>Work that is written together.</summary>
internal sealed class LogBatch
{
    private byte[] _bytes = [];
    private int _used;

    public List<PendingWork> Work { get; } = [];

    public int Bytes => _used;

    public ReadOnlySpan<byte> Line(in PendingWork work) => _bytes.AsSpan(work.Start, work.Length);

    public void Add(MachineLog log, ReadOnlySpan<byte> line)
    {
        if (_bytes.Length - _used < line.Length)
        {
            Array.Resize(ref _bytes, int.Max(4096, int.Max(_used + line.Length, _bytes.Length * 2)));
        }

        line.CopyTo(_bytes.AsSpan(_used));
        Work.Add(new PendingWork(log, _used, line.Length, null));
        _used += line.Length;
    }

    /// <summary>Empties it, and gives back what a burst needed.</summary>
    public void Clear()
    {
        Work.Clear();
        _used = 0;
        if (_bytes.Length > 1 << 18)
        {
            _bytes = [];
            Work.Capacity = 0;
        }
    }
}

/// <summary>What waits to be written, bounded in bytes and lines. Many put in, one takes out all there is.</summary>
/// <param name="mostBytes">Bytes of lines above which none is taken.</param>
internal sealed class LogQueue(int mostBytes)
{
    private const int MostLines = 1 << 16;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0);
    private LogBatch _batch = new();
    private TaskCompletionSource? _room;
    private bool _closed;

    /// <summary>Puts a line in; false when there is no room or it was closed.</summary>
    public bool TryAdd(MachineLog log, ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            if (_closed || !HasRoom)
            {
                return false;
            }

            _batch.Add(log, line);
            Fill();
            return true;
        }
    }

    /// <summary>Puts in the removal of a log, or a marker; there is always room for these. Done when they are.</summary>
    public Task Add(MachineLog? log)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _batch.Work.Add(new PendingWork(log, 0, 0, done));
            Fill();
            return done.Task;
        }
    }

    /// <summary>Returns when there is room.</summary>
    /// <exception cref="ObjectDisposedException">It was closed: there will be none.</exception>
    public ValueTask WhenRoom(CancellationToken cancellation)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (HasRoom)
            {
                return ValueTask.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task.WaitAsync(cancellation));
        }
    }

    /// <summary>Waits for work and takes all there is.</summary>
    /// <param name="empty">Used for what comes next.</param>
    /// <returns>Null once it was closed and is empty.</returns>
    public async Task<LogBatch?> Take(LogBatch empty)
    {
        await _filled.WaitAsync();
        lock (_gate)
        {
            if (_batch.Work.Count == 0)
            {
                return null;
            }

            var full = _batch;
            _batch = empty;
            _room?.SetResult();
            _room = null;
            return full;
        }
    }

    /// <summary>Takes nothing any more; what is in is still taken out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _room?.SetResult();
            _room = null;
            _filled.Release();
        }
    }

    private bool HasRoom => _batch.Bytes < mostBytes && _batch.Work.Count < MostLines;

    private void Fill()
    {
        if (_batch.Work.Count == 1)
        {
            _filled.Release();
        }
    }
}
