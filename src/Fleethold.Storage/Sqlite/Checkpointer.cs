namespace Fleethold.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database on a thread and a connection of its own, so that commits don't wait for it. What is written meanwhile
/// is copied in further rounds: once all of it is copied, the next commit begins the log anew.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    private const int Rounds = 3;
    private const int SmallCommit = 32;

    private readonly string _path;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Thread _thread;
    private volatile bool _stopping;
    private int _awake;
    private Result? _result;

    // About the size of the log, as the committing thread knows it.
    private int _pages;

    public Checkpointer(string path)
    {
        _path = path;
        _thread = new Thread(Run) { Name = "fleethold-checkpoint", IsBackground = true };
        _thread.Start();
    }

    /// <summary>From so many pages on the log is copied in the background; from four times as many a commit waits until it is.</summary>
    public int Pages { get; set; } = 1024;

    private int MostPages => 4 * Pages;

    /// <summary>To be called by the committing thread, with its connection.</summary>
    public void AfterCommit(SqliteDatabase database, int changes)
    {
        var written = database.TakePagesWritten();
        _pages = Interlocked.Exchange(ref _result, null) switch
        {
            // The next commit after a complete copy begins the log anew; under a steady stream of commits it may just miss that.
            { Left: 0 } complete when complete.Pages < MostPages => written,
            { } partly => partly.Pages + written,
            null => _pages + written,
        };
        if (_pages >= MostPages)
        {
            try
            {
                // What the background left is copied here, then the next commit begins the log anew.
                _pages = Copy(database) is { Left: > 0 } partly ? partly.Pages : 0;
            }
            catch (SqliteError)
            {
                // The commit itself is made; a full or failing disk shows in the next one.
            }
        }
        else if (_pages >= Pages && changes < SmallCommit && Interlocked.Exchange(ref _awake, 1) == 0)
        {
            // Large commits follow each other without a pause: two that sync would only hinder each other.
            _wake.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        if (Interlocked.Exchange(ref _awake, 1) == 0)
        {
            _wake.Release();
        }

        _thread.Join();
        _wake.Dispose();
    }

    // Copies what it can without waiting for readers or writers.
    private static Result Copy(SqliteDatabase database)
    {
        using var checkpoint = database.Prepare("PRAGMA wal_checkpoint(PASSIVE)");
        return checkpoint.Step() ? new((int)checkpoint.Number(1), (int)(checkpoint.Number(1) - checkpoint.Number(2))) : new(0, 0);
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

    // The size of the log after a round, and how much of it isn't copied.
    private sealed record Result(int Pages, int Left);
}
