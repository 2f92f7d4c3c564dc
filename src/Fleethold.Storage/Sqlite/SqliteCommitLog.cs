using System.Collections.Concurrent;
using Fleethold.Runtime;
using Fleethold.Storage.Sealing;

namespace Fleethold.Storage.Sqlite;

/// <summary>
/// The embedded store: one SQLite file in a data directory that this process holds alone. A commit is one transaction, synced to the disk.
/// All work on the database happens on one thread of its own, in the order of the calls.
/// </summary>
internal sealed class SqliteCommitLog : ICommitLog, ISealedStore
{
    // Below so many changes a second thread costs more than it helps.
    private const int WorthHelp = 16;
    private const int RotationRows = 256;

    private readonly DataDirectory _directory;
    private readonly SqliteDatabase _database;
    private readonly KeyRing _ring;
    private readonly RowSealer _sealer;
    private readonly RowSealer _helperSealer;
    private readonly RowBuffer _rows = new();
    private readonly RowBuffer _helperRows = new();
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private KeySlots _slots;
    private LogTable? _table;
    private CommitLogException? _broken;

    private SqliteCommitLog(DataDirectory directory, SqliteDatabase database, KeySlots slots)
    {
        (_directory, _database, _slots) = (directory, database, slots);
        _ring = new KeyRing(slots.Keys);
        (_sealer, _helperSealer) = (new RowSealer(_ring), new RowSealer(_ring));
        _thread = new Thread(Work) { Name = "fleethold-store", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The database file.</summary>
    public string DatabasePath => _directory.DatabasePath;

    /// <summary>The master keys and their slots.</summary>
    public KeySlots Slots => Volatile.Read(ref _slots);

    /// <summary>For tests of a full disk and the like: the connection, used on the store's thread.</summary>
    internal Task<T> OnDatabase<T>(Func<SqliteDatabase, T> work) => Run(() => work(_database));

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
            _table = new LogTable(_database, _ring, loaded.Rows, loaded.First, loaded.Next);
            if (_ring.IsRotating)
            {
                // A rotation that a crash interrupted goes on.
                _ = FinishRotation();
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
    public ValueTask Commit(IReadOnlyList<Mutation> changes, CancellationToken cancellation) => new(Run(() => CommitHere(changes)));

    /// <inheritdoc/>
    public Task ChangeSlots(Func<KeySlots, KeySlots> change) => Run(() => StoreSlots(change(_slots)));

    /// <inheritdoc/>
    public async Task RotateMasterKey(IReadOnlyList<ISlotRecipient> recipients)
    {
        await Run(() =>
        {
            if (_ring.IsRotating)
            {
                throw new CommitLogException("a rotation of the master key is under way: wait until it is done");
            }

            StoreSlots(_slots.WithNewKey(recipients));
        });
        await FinishRotation();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_work.IsAddingCompleted)
        {
            return;
        }

        var ended = Run(() =>
        {
            _table?.Dispose();
            _sealer.Dispose();
            _helperSealer.Dispose();
            _database.Dispose();
        });
        _work.CompleteAdding();
        await ended;
        _directory.Dispose();
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
        database.Execute("PRAGMA wal_autocheckpoint = 4096");
        database.Execute("PRAGMA journal_size_limit = 67108864");
        database.Execute("PRAGMA cache_size = -16384");
        SqliteSchema.Migrate(database, path, SqliteSchema.Steps);
    }

    private void CommitHere(IReadOnlyList<Mutation> changes)
    {
        var table = _table ?? throw new InvalidOperationException("the log wasn't loaded");
        Transact(table, () =>
        {
            if (table.NeedsCleaning)
            {
                // More than it appends, so that garbage shrinks, and little enough that no commit gets long.
                table.Clean(3 * changes.Count + 32, _sealer);
            }

            var mine = changes.Count < WorthHelp ? changes.Count : changes.Count / 2;
            using var helped = new ManualResetEventSlim(mine == changes.Count);
            Exception? failed = null;
            if (mine < changes.Count)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        try
                        {
                            Seal(changes, mine, changes.Count, _helperSealer, _helperRows);
                        }
                        catch (Exception failure)
                        {
                            failed = failure;
                        }

                        helped.Set();
                    },
                    null);
            }

            try
            {
                Seal(changes, 0, mine, _sealer, _rows);
                Append(table, _rows);
            }
            finally
            {
                helped.Wait();
            }

            if (failed is not null)
            {
                throw failed;
            }

            Append(table, _helperRows);
            SupersedeOldNames(table, changes);
        });
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
        while (!await Run(RotateStep))
        {
            // Commits get their turn between two steps.
        }
    }

    // A step of a rotation; true when nothing is sealed with an old key any more.
    private bool RotateStep()
    {
        var table = _table ?? throw new InvalidOperationException("the log wasn't loaded");
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

    private long? _rotateBefore;

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
        if (_broken is not null)
        {
            throw _broken;
        }

        var committing = false;
        try
        {
            table.Begin();
            work();
            committing = true;
            table.Commit();
        }
        catch (Exception failure)
        {
            table.Rollback();
            var outcome = committing && failure is SqliteError error ? SqliteFailure.OutcomeOfCommit(error) : CommitOutcome.NotWritten;
            var explained = failure switch
            {
                SqliteError known => SqliteFailure.Explain(known, DatabasePath, outcome),
                SealException damaged => new CommitLogException(damaged.Message, outcome, damaged),
                _ => null,
            };
            _broken = outcome == CommitOutcome.Unknown ? explained : null;
            if (explained is not null)
            {
                throw explained;
            }

            throw;
        }
    }

    private Task Run(Action work) => Run(() =>
    {
        work();
        return true;
    });

    private Task<T> Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _work.Add(() =>
            {
                try
                {
                    done.SetResult(work());
                }
                catch (Exception failure)
                {
                    done.SetException(failure);
                }
            });
        }
        catch (InvalidOperationException)
        {
            done.SetException(new CommitLogException("the store is closed"));
        }

        return done.Task;
    }

    private void Work()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
