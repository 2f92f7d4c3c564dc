using System.Globalization;
using System.Security.Cryptography;
using Fleethold.Runtime;

namespace Fleethold.Storage.Sqlite;

/// <summary>
/// The tables of the store and how older ones become today's.
/// <para>
/// <c>log</c> is append-only: one row per change, in the order of the changes, with its open head (see RowHead) and its sealed body. The newest
/// row of a row key is the resource; older ones are garbage that is cleaned from the front, where rows that still count move to the end. So a
/// write costs its own bytes and not a page of a tree per resource, and the positions from first to last are without a gap, which shows lost rows.
/// <c>meta</c> holds the few facts besides.
/// </para>
/// </summary>
internal static class SqliteSchema
{
    /// <summary>Marks the file as ours ("FLHD").</summary>
    public const int ApplicationId = 0x464c4844;

    /// <summary>Each step leads from the version of its place to the next. Never change one that was released.</summary>
    public static IReadOnlyList<string[]> Steps { get; } =
    [
        [
            "CREATE TABLE log (position INTEGER PRIMARY KEY, head BLOB NOT NULL, body BLOB NOT NULL) STRICT",
            "CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID",
        ],
    ];

    /// <summary>Makes a connection ready to write, and the database what this version needs.</summary>
    /// <exception cref="CommitLogException">It can't be used; the message says what to do.</exception>
    public static void Prepare(SqliteDatabase database, string path)
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
        database.Execute("PRAGMA cache_size = -4096");
        Migrate(database, path, Steps);
    }

    /// <summary>Brings a writable database to the newest version, in one transaction.</summary>
    /// <exception cref="CommitLogException">It belongs to something else or to a newer version.</exception>
    public static void Migrate(SqliteDatabase database, string path, IReadOnlyList<string[]> steps)
    {
        var version = database.Number("PRAGMA user_version");
        if (version == 0)
        {
            if (database.Number("SELECT count(*) FROM sqlite_schema") != 0)
            {
                throw new CommitLogException($"{path} belongs to another program: give the server a data directory of its own");
            }
        }
        else
        {
            CheckIdentity(database, path, version, steps.Count);
        }

        if (version == steps.Count)
        {
            return;
        }

        database.Execute("BEGIN IMMEDIATE");
        for (var step = (int)version; step < steps.Count; step++)
        {
            foreach (var statement in steps[step])
            {
                database.Execute(statement);
            }
        }

        if (version == 0)
        {
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
            StoreMeta(database, "log_id", NewLogId());
        }

        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {steps.Count}"));
        database.Execute("COMMIT");
    }

    /// <exception cref="CommitLogException">The database isn't a store, or one of a newer version.</exception>
    public static void CheckIdentity(SqliteDatabase database, string path, long version, int newest)
    {
        if (version == 0 || database.Number("PRAGMA application_id") != ApplicationId)
        {
            throw new CommitLogException($"{path} is not a store of Fleethold: name the right file");
        }

        if (version > newest)
        {
            throw new CommitLogException(
                $"{path} was written by a newer version (schema {version}, this one knows {newest}): use that version, or restore a backup made before the upgrade");
        }
    }

    /// <summary>A number that no two stores share: bookmarks carry it.</summary>
    public static long NewLogId() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) & long.MaxValue;

    public static long MetaNumber(SqliteDatabase database, string name)
    {
        using var statement = database.Prepare("SELECT value FROM meta WHERE name = ?");
        return statement.Bind(1, name).Step() ? statement.Number(0) : 0;
    }

    public static byte[]? MetaBytes(SqliteDatabase database, string name)
    {
        using var statement = database.Prepare("SELECT value FROM meta WHERE name = ?");
        return statement.Bind(1, name).Step() ? statement.Bytes(0).ToArray() : null;
    }

    public static void StoreMeta(SqliteDatabase database, string name, long value)
    {
        using var statement = database.Prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
        statement.Bind(1, name).Bind(2, value).Run();
    }

    public static void StoreMeta(SqliteDatabase database, string name, ReadOnlySpan<byte> value)
    {
        using var statement = database.Prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
        statement.Bind(1, name).Bind(2, value).Run();
    }
}
