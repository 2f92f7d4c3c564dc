using Fleethold.Runtime;
using Fleethold.Storage.Sealing;

namespace Fleethold.Storage.Sqlite;

/// <summary>
/// The embedded store: one SQLite file in a data directory that this process holds alone. A commit is one transaction, synced to the disk;
/// it blocks its caller meanwhile. The same commit may be tried again after an unknown outcome: what is there already isn't written twice.
/// </summary>
internal sealed class SqliteCommitLog : ICommitLog, ISealedStore
{
    private const int RotationRows = 256;

    private readonly DataDirectory _directory;
    private readonly KeyRing _ring;
    private readonly BatchSealer _sealer;
    private readonly Checkpointer _checkpointer;

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
        (_sealer, _checkpointer) = (new BatchSealer(_ring), new Checkpointer(directory.DatabasePath));
    }

    /// <summary>The database file.</summary>
    public string DatabasePath => _directory.DatabasePath;

    /// <summary>The master keys and their slots.</summary>
    public KeySlots Slots => Volatile.Read(ref _slots);

    /// <summary>Copies the write-ahead log.</summary>
    internal Checkpointer Checkpointer => _checkpointer;

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
            SqliteSchema.Prepare(database, directory.DatabasePath);
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
                _checkpointer.AfterCommit(_database, changes.Count);
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
        await Resumed();
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
            _database.Dispose();
            _directory.Dispose();
            _closing.Dispose();
        }
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
            SqliteSchema.Prepare(_database, DatabasePath);
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
        catch (CommitLogException failure)
        {
            throw new CommitLogException(failure.Message, CommitOutcome.Unknown, failure);
        }
    }

    private void Write(LogTable table, IReadOnlyList<Mutation> changes)
    {
        if (table.NeedsCleaning)
        {
            // More than it appends, so that garbage shrinks, and little enough that no commit gets long.
            table.Clean(3 * changes.Count + 32, _sealer.Sealer);
        }

        _sealer.Append(changes, table);
    }

    // The end of the rotation under way; one that failed, for example on a full disk, goes on.
    private Task Resumed()
    {
        lock (_gate)
        {
            return _rotation = _rotation.IsFaulted ? FinishRotation() : _rotation;
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
                Transact(table, () => table.Clean((int)long.Min(RotationRows, _rotateBefore.Value - table.First), _sealer.Sealer));
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
            if (!table.TryRollback(keepStaged: outcome == CommitOutcome.Unknown))
            {
                outcome = CommitOutcome.Unknown;
            }

            _outcomeUnknown = outcome == CommitOutcome.Unknown;
            throw SqliteFailure.Explain(error, DatabasePath, outcome);
        }
        catch (Exception failure)
        {
            _outcomeUnknown = !table.TryRollback(keepStaged: false);
            throw failure is SealException ? new CommitLogException(failure.Message, CommitOutcome.NotWritten, failure) : failure;
        }
    }
}
