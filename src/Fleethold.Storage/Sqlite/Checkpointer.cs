namespace Fleethold.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database on a thread and a connection of its own, so that commits don't wait for it. What is written meanwhile
/// is copied in further rounds: once all of it is copied, the next commit begins the log anew.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    private const int Rounds = 3;

    private readonly string _path;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Thread _thread;
    private volatile bool _stopping;
    private int _awake;
    private Result? _result;

    public Checkpointer(string path)
    {
        _path = path;
        _thread = new Thread(Run) { Name = "fleethold-checkpoint", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How a round ended.</summary>
    /// <param name="Pages">The size of the log.</param>
    /// <param name="Left">How much of it isn't copied.</param>
    public sealed record Result(int Pages, int Left);

    /// <summary>Begins, unless it is at it already.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _awake, 1) == 0)
        {
            _wake.Release();
        }
    }

    /// <summary>How the last round ended; null when none did since the last call.</summary>
    public Result? TakeResult() => Interlocked.Exchange(ref _result, null);

    /// <summary>Copies what it can without waiting for readers or writers.</summary>
    public static Result Copy(SqliteDatabase database)
    {
        using var checkpoint = database.Prepare("PRAGMA wal_checkpoint(PASSIVE)");
        return checkpoint.Step() ? new((int)checkpoint.Number(1), (int)(checkpoint.Number(1) - checkpoint.Number(2))) : new(0, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        Wake();
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        SqliteDatabase? database = null;
        while (true)
        {
            _wake.Wait();
            if (_stopping)
            {
                database?.Dispose();
                return;
            }

            try
            {
                database ??= SqliteDatabase.Open(_path, writable: true);
                for (var (round, left) = (0, 1); round < Rounds && left > 0; round++)
                {
                    // What was written meanwhile is less each time.
                    var result = Copy(database);
                    left = result.Left;
                    Interlocked.Exchange(ref _result, result);
                }
            }
            catch (SqliteError)
            {
                // A full or failing disk shows in the commits, which say what to do; the log keeps what wasn't copied.
            }

            Volatile.Write(ref _awake, 0);
        }
    }
}
