using System.Globalization;
using Fleethold.Runtime;
using Fleethold.Storage.Sqlite;

namespace Fleethold.Storage.Logs;

/// <summary>
/// The tables of the machine log: <c>machine_logs</c> as in reference/siderolink.md 8.3, with the machine under a name that needs the key and
/// the message sealed, and <c>meta</c> with the sealed key. One connection, for one thread at a time.
/// </summary>
internal sealed class MachineLogTable : IDisposable
{
    private const int ApplicationId = 0x464c4d4c;
    private const int Version = 1;

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _trim;
    private readonly SqliteStatement _remove;
    private long _lastId;

    private MachineLogTable(SqliteDatabase database)
    {
        _database = database;
        _insert = database.Prepare("INSERT INTO machine_logs (id, machine_id, message, created_at) VALUES (?, ?, ?, ?)");
        _trim = database.Prepare(
            "DELETE FROM machine_logs WHERE machine_id = ?1 AND id <= (SELECT id FROM machine_logs WHERE machine_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)");
        _remove = database.Prepare(
            "DELETE FROM machine_logs WHERE id IN (SELECT id FROM machine_logs WHERE machine_id = ? ORDER BY id LIMIT ?)");
        _lastId = database.Number("SELECT max(id) FROM machine_logs");
    }

    /// <summary>Opens or makes the database.</summary>
    /// <exception cref="CommitLogException">It is of a newer version or of another program.</exception>
    /// <exception cref="SqliteError">It can't be used.</exception>
    public static MachineLogTable Open(string file)
    {
        if (!File.Exists(file))
        {
            // SQLite gives its other files the same mode.
            new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }

        var database = SqliteDatabase.Open(file, writable: true);
        try
        {
            database.Execute("PRAGMA journal_mode = WAL");

            // A lost power may cost the last lines, never the database; a sync per batch would cost more than they are worth.
            database.Execute("PRAGMA synchronous = NORMAL");
            database.Execute("PRAGMA journal_size_limit = 16777216");
            database.Execute("PRAGMA cache_size = -2048");
            Create(database, file);
            return new MachineLogTable(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public byte[]? Key() => SqliteSchema.MetaBytes(_database, "key");

    public void StoreKey(ReadOnlySpan<byte> sealedKey) => SqliteSchema.StoreMeta(_database, "key", sealedKey);

    public void Begin() => _database.Execute("BEGIN IMMEDIATE");

    public void Commit() => _database.Execute("COMMIT");

    public void Rollback()
    {
        if (!_database.IsAutocommit)
        {
            _database.Execute("ROLLBACK");
        }
    }

    /// <summary>Ids grow for as long as the table is open, also when the newest rows were removed: followers count on it.</summary>
    public void Insert(string machine, ReadOnlySpan<byte> message, long seconds) =>
        _insert.Bind(1, ++_lastId).Bind(2, machine).Bind(3, message).Bind(4, seconds).Run();

    /// <summary>Removes all but the newest rows of a machine.</summary>
    public void Trim(string machine, long keep) => _trim.Bind(1, machine).Bind(2, keep).Run();

    /// <summary>Removes the oldest rows of a machine.</summary>
    /// <returns>How many; fewer than the most when these were the last.</returns>
    public int Remove(string machine, int most)
    {
        _remove.Bind(1, machine).Bind(2, most).Run();
        return Changes();
    }

    public void RemoveAll() => _database.Execute("DELETE FROM machine_logs");

    /// <summary>Removes the oldest rows of all machines for as long as they are older than a time, which needs no index as ids grow with time.</summary>
    public int RemoveOlder(long seconds, int most)
    {
        using var front = _database.Prepare("SELECT id, created_at FROM machine_logs ORDER BY id LIMIT ?");
        front.Bind(1, most);
        long last = 0;
        while (front.Step() && front.Number(1) < seconds)
        {
            last = front.Number(0);
        }

        front.Reset();
        return last == 0 ? 0 : RemoveUpTo(last);
    }

    /// <summary>Removes the oldest rows of all machines.</summary>
    public int RemoveOldest(int count)
    {
        using var front = _database.Prepare("SELECT id FROM machine_logs ORDER BY id LIMIT 1 OFFSET ?");
        var isThere = front.Bind(1, count - 1).Step();
        var last = isThere ? front.Number(0) : long.MaxValue;
        front.Reset();
        return RemoveUpTo(last);
    }

    /// <summary>The names of all machines with rows.</summary>
    public List<string> Machines()
    {
        // From name to name through the index, as there are few names and many rows.
        using var next = _database.Prepare("SELECT machine_id FROM machine_logs WHERE machine_id > ? ORDER BY machine_id LIMIT 1");
        var names = new List<string>();
        var name = "";
        while (next.Bind(1, name).Step())
        {
            names.Add(name = next.Text(0));
            next.Reset();
        }

        return names;
    }

    public long Rows() => _database.Number("SELECT count(*) FROM machine_logs");

    /// <summary>Bytes of the database that are in use; removed rows leave room that is used again.</summary>
    public long BytesInUse() => (_database.Number("PRAGMA page_count") - _database.Number("PRAGMA freelist_count")) * _database.Number("PRAGMA page_size");

    /// <inheritdoc/>
    public void Dispose()
    {
        _insert.Dispose();
        _trim.Dispose();
        _remove.Dispose();
        _database.Dispose();
    }

    private int RemoveUpTo(long id)
    {
        using var remove = _database.Prepare("DELETE FROM machine_logs WHERE id <= ?");
        remove.Bind(1, id).Run();
        return Changes();
    }

    private int Changes() => (int)_database.Number("SELECT changes()");

    private static void Create(SqliteDatabase database, string file)
    {
        var version = database.Number("PRAGMA user_version");
        if (version > Version)
        {
            throw new CommitLogException(
                $"{file} was written by a newer version (schema {version}, this one knows {Version}): use that version, or remove the file and with it the logs of machines");
        }

        if (version == Version)
        {
            return;
        }

        if (database.Number("SELECT count(*) FROM sqlite_schema") != 0)
        {
            throw new CommitLogException($"{file} belongs to another program: give the server a data directory of its own");
        }

        database.Execute("BEGIN IMMEDIATE");
        database.Execute("CREATE TABLE machine_logs (id INTEGER PRIMARY KEY, machine_id TEXT NOT NULL, message BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT");
        database.Execute("CREATE INDEX machine_logs_by_machine ON machine_logs (machine_id, id)");
        database.Execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID");
        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
        database.Execute("COMMIT");
    }
}
