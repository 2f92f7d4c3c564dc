using System.Runtime.ExceptionServices;

namespace Fleethold.Storage.Sqlite;

/// <summary>A piece of work done on a pool thread while the caller does another; both end before this is disposed of.</summary>
internal sealed class SealingHelp : IDisposable
{
    private readonly ManualResetEventSlim _done = new();
    private ExceptionDispatchInfo? _failure;
    private int _started;

    public SealingHelp(Action work)
    {
        Work = work;
        ThreadPool.UnsafeQueueUserWorkItem(static help => help.Start(), this, preferLocal: false);
    }

    private Action Work { get; }

    /// <summary>Waits for the end; when nobody has begun yet, does it here. Throws what the work threw.</summary>
    public void Join()
    {
        Start();
        _done.Wait();
        _failure?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Taking the work away keeps a late pool thread from touching buffers that are used again.
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            _done.Wait();
        }

        _done.Dispose();
    }

    private void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            return;
        }

        try
        {
            Work();
        }
        catch (Exception failure)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
        }

        _done.Set();
    }
}
