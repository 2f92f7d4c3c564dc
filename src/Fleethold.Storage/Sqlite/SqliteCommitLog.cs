using Fleethold.Runtime;
using Fleethold.Storage.Sealing;

namespace Fleethold.Storage.Sqlite;

/// <summary>
/// The embedded store: one SQLite file in a data directory that this process holds alone. A commit is one transaction, synced to the disk;
/// it blocks its caller meanwhile. The same commit may be tried again after an unknown outcome: what is there already isn't written twice.
/// </summary>
internal sealed class SqliteCommitLog : ICommitLog, ISealedStore
{
    // Below so many changes a second thread costs more than it helps.
    private const int WorthHelp = 16;
    private const int RotationRows = 256;
    private const int SmallCommit = 32;

    private readonly DataDirectory _directory;
    private readonly KeyRing _ring;
    private readonly RowSealer _sealer;
    private readonly RowSealer _helperSealer;
    private readonly RowBuffer _rows = new();
    private readonly RowBuffer _helperRows = new();
    private readonly Checkpointer _checkpointer;

    // About the size of the write-ahead log.
    private int _logPages;

    // Held by whoever uses the connection.
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private SqliteDatabase _database;
    private KeySlots _slots;
    private LogTable? _table;
    private long _revision;
    private long? _rotateBefore;
    private Task _rotation = Task.CompletedTask;
    private bool _outcomeUnknown;
    private bool _closed;

    private SqliteCommitLog(DataDirectory directory, SqliteDatabase database, KeySlots slots)
    {
        (_directory, _database, _slots) = (directory, database, slots);
        _ring = new KeyRing(slots.Keys);
        (_sealer, _helperSealer) = (new RowSealer(_ring), new RowSealer(_ring));
        _checkpointer = new Checkpointer(directory.DatabasePath);
    }

    /// <summary>The database file.</summary>
    public string DatabasePath => _directory.DatabasePath;

    /// <summary>The master keys and their slots.</summary>
    public KeySlots Slots => Volatile.Read(ref _slots);

    /// <summary>From so many pages on the write-ahead log is copied into the database in the background.</summary>
    internal int CheckpointPages { get; set; } = 1024;

    /// <summary>From so many pages on a commit waits until it is copied.</summary>
    private int MostLogPages => 4 * CheckpointPages;

    /// <summary>For tests of a full disk and the like: the connection, used while nothing else uses it.</summary>
    internal T OnDatabase<T>(Func<SqliteDatabase, T> work)
    {
        lock (_gate)
        {
            return work(_database);
        }
    }

    /// <summary>Opens a data directory, or makes a new store in it.</summary>
    /// <param name="folder">The data directory; made when missing.</param>
    /// <param name="keys">The keys of the slots.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <exception cref="CommitLogException">It can't be opened; the message says what to do.</exception>
    public static async ValueTask<SqliteCommitLog> Open(string folder, IStoreKeys keys, CancellationToken cancellation)
    {
        var directory = DataDirectory.Open(folder);
        SqliteDatabase? database = null;
        try
        {
            directory.CreateDatabaseFile();
            database = SqliteDatabase.Open(directory.DatabasePath, writable: true);
            Prepare(database, directory.DatabasePath);
            var stored = SqliteSchema.MetaBytes(database, "key_slots") is { } json ? KeyRingDocument.Parse(json) : null;
            var slots = await keys.Open(stored, cancellation);
            if (slots.Document.Mac != stored?.Mac)
            {
                SqliteSchema.StoreMeta(database, "key_slots", slots.Document.ToJson());
            }

            Durable.Folder(directory.FolderPath);
            return new SqliteCommitLog(directory, database, slots);
        }
        catch (Exception failure)
        {
            database?.Dispose();
            directory.Dispose();
            throw failure switch
            {
                SqliteError error => SqliteFailure.Explain(error, directory.DatabasePath),
                SealException or IOException or UnauthorizedAccessException => new CommitLogException(failure.Message, CommitOutcome.NotWritten, failure),
                _ => failure,
            };
        }
    }

    /// <inheritdoc/>
    public async ValueTask<LoadedState> Load(CancellationToken cancellation)
    {
        try
        {
            var loaded = await new LogLoader(DatabasePath, _ring).Load(cancellation);
            lock (_gate)
            {
                _table = new LogTable(_database, _ring, loaded.Rows, loaded.First, loaded.Next);
                _revision = loaded.State.Revision;
            }

            if (_ring.IsRotating)
            {
                // A rotation that a crash interrupted goes on.
                _rotation = FinishRotation();
            }

            return loaded.State;
        }
        catch (SqliteError error)
        {
            throw SqliteFailure.Explain(error, DatabasePath);
        }
        catch (SealException failure)
        {
            throw new CommitLogException($"{failure.Message}; restore the store {DatabasePath} from a backup", CommitOutcome.NotWritten, failure);
        }
    }

    /// <inheritdoc/>
    public ValueTask Commit(IReadOnlyList<Mutation> changes, CancellationToken cancellation)
    {
        lock (_gate)
        {
            cancellation.ThrowIfCancellationRequested();
            var table = Table();
            if (changes.Count > 0 && changes[^1].Revision > _revision)
            {
                Transact(table, () => Write(table, changes));
                _revision = changes[^1].Revision;
                Checkpoint(changes.Count);
            }

            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public Task ChangeSlots(Func<KeySlots, KeySlots> change) => Task.Run(() =>
    {
        lock (_gate)
        {
            StoreSlots(change(_slots));
        }
    });

    /// <inheritdoc/>
    public async Task RotateMasterKey(IReadOnlyList<ISlotRecipient> recipients)
    {
        await _rotation;
        lock (_gate)
        {
            StoreSlots(_slots.WithNewKey(recipients));
            _rotation = FinishRotation();
        }

        await _rotation;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        try
        {
            await _rotation;
        }
        catch (Exception failure) when (failure is OperationCanceledException or CommitLogException)
        {
            // It goes on with the next start.
        }

        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            _checkpointer.Dispose();
            _table?.Dispose();
            _sealer.Dispose();
            _helperSealer.Dispose();
            _database.Dispose();
            _directory.Dispose();
            _closing.Dispose();
        }
    }

    private static void Prepare(SqliteDatabase database, string path)
    {
        // Big pages hold the rows of a log better; the size is fixed with the first table.
        database.Execute("PRAGMA page_size = 8192");
        if (database.Text("PRAGMA journal_mode = WAL") != "wal")
        {
            throw new CommitLogException($"the store {path} can't use a write-ahead log here: put the data directory on a local file system");
        }

        database.Execute("PRAGMA synchronous = FULL");
        database.Execute("PRAGMA wal_autocheckpoint = 0");
        database.Execute("PRAGMA journal_size_limit = 67108864");
        database.Execute("PRAGMA cache_size = -16384");
        SqliteSchema.Migrate(database, path, SqliteSchema.Steps);
    }

    private LogTable Table()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        var table = _table ?? throw new InvalidOperationException("the log wasn't loaded");
        if (!_outcomeUnknown)
        {
            return table;
        }

        try
        {
            // What the file says now is the outcome. All of it is copied from the write-ahead log into the database and synced: after a failed sync
            // pages may be in the kernel's cache and not on the disk, and would not be written again by themselves.
            table.Dispose();
            _database.Dispose();
            _database = SqliteDatabase.Open(DatabasePath, writable: true);
            Prepare(_database, DatabasePath);
            if (_database.Number("PRAGMA wal_checkpoint(TRUNCATE)") != 0)
            {
                throw new SqliteError(SQLitePCL.raw.SQLITE_BUSY, "the write-ahead log is in use");
            }

            _table = table.Reopen(_database);
            _revision = long.Max(_revision, _table.Revision);
            _outcomeUnknown = false;
            return _table;
        }
        catch (SqliteError error)
        {
            throw SqliteFailure.Explain(error, DatabasePath, CommitOutcome.Unknown);
        }
    }

    private void Checkpoint(int changes)
    {
        var written = _database.TakePagesWritten();
        var pages = _checkpointer.TakeResult() switch
        {
            // The next commit after a complete copy begins the log anew; under a steady stream of commits it may just miss that.
            { Left: 0 } complete when complete.Pages < MostLogPages => written,
            { } partly => partly.Pages + written,
            null => _logPages + written,
        };
        _logPages = pages;
        if (pages >= MostLogPages)
        {
            try
            {
                // What the background left is copied here, then the next commit begins the log anew.
                _logPages = Checkpointer.Copy(_database) is { Left: > 0 } partly ? partly.Pages : 0;
            }
            catch (SqliteError)
            {
                // The commit itself is made; a full or failing disk shows in the next one.
            }
        }
        else if (pages >= CheckpointPages && changes < SmallCommit)
        {
            // Large commits follow each other without a pause: two that sync would only hinder each other.
            _checkpointer.Wake();
        }
    }

    private void Write(LogTable table, IReadOnlyList<Mutation> changes)
    {
        if (table.NeedsCleaning)
        {
            // More than it appends, so that garbage shrinks, and little enough that no commit gets long.
            table.Clean(3 * changes.Count + 32, _sealer);
        }

        if (changes.Count < WorthHelp)
        {
            Seal(changes, 0, changes.Count, _sealer, _rows);
            Append(table, _rows);
        }
        else
        {
            var half = changes.Count / 2;
            using var help = new SealingHelp(() => Seal(changes, half, changes.Count, _helperSealer, _helperRows));
            Seal(changes, 0, half, _sealer, _rows);
            Append(table, _rows);
            help.Join();
            Append(table, _helperRows);
        }

        SupersedeOldNames(table, changes);
    }

    private static void Seal(IReadOnlyList<Mutation> changes, int from, int to, RowSealer sealer, RowBuffer rows)
    {
        rows.Clear();
        for (var index = from; index < to; index++)
        {
            sealer.Seal(changes[index], rows);
        }
    }

    private static void Append(LogTable table, RowBuffer rows)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            table.Append(rows.Head(row), rows.Body(row));
        }

        rows.Clear();
    }

    private void SupersedeOldNames(LogTable table, IReadOnlyList<Mutation> changes)
    {
        if (!_ring.IsRotating)
        {
            return;
        }

        Span<byte> name = stackalloc byte[RowHead.KeyLength];
        foreach (var change in changes)
        {
            foreach (var key in _ring.Keys.SkipLast(1))
            {
                _sealer.NameRow(key, change.Resource.Ref, name);
                table.Supersede(name);
            }
        }
    }

    private async Task FinishRotation()
    {
        // Commits get their turn between two steps.
        await Task.Yield();
        while (!RotateStep())
        {
            _closing.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    // A step of a rotation; true when nothing is sealed with an old key any more.
    private bool RotateStep()
    {
        lock (_gate)
        {
            var table = Table();
            _rotateBefore ??= table.Next;
            if (table.First < _rotateBefore)
            {
                Transact(table, () => table.Clean((int)long.Min(RotationRows, _rotateBefore.Value - table.First), _sealer));
                return false;
            }

            _rotateBefore = null;
            StoreSlots(_slots.WithoutOldKeys());
            return true;
        }
    }

    private void StoreSlots(KeySlots slots)
    {
        try
        {
            SqliteSchema.StoreMeta(_database, "key_slots", slots.Document.ToJson());
        }
        catch (SqliteError error)
        {
            throw SqliteFailure.Explain(error, DatabasePath);
        }

        Volatile.Write(ref _slots, slots);
        _ring.Replace(slots.Keys);
    }

    private void Transact(LogTable table, Action work)
    {
        var committing = false;
        try
        {
            table.Begin();
            work();
            committing = true;
            table.Commit();
        }
        catch (SqliteError error)
        {
            var outcome = committing ? SqliteFailure.OutcomeOfCommit(error) : CommitOutcome.NotWritten;
            _outcomeUnknown = outcome == CommitOutcome.Unknown;
            table.Rollback(keepStaged: _outcomeUnknown);
            throw SqliteFailure.Explain(error, DatabasePath, outcome);
        }
        catch (Exception failure)
        {
            table.Rollback(keepStaged: false);
            throw failure is SealException ? new CommitLogException(failure.Message, CommitOutcome.NotWritten, failure) : failure;
        }
    }
}
