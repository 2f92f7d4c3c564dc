using SQLitePCL;
using static SQLitePCL.raw;

namespace Fleethold.Storage.Sqlite;

/// <summary>A connection to a SQLite file, for one thread at a time. Errors of SQLite are <see cref="SqliteError"/>.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    // Milliseconds that a connection waits for others, which only begin, copy or end.
    private const int BusyTimeout = 2_000;

    private static readonly bool Ready = Start();

    private readonly sqlite3 _handle;

    private SqliteDatabase(sqlite3 handle) => _handle = handle;

    /// <summary>Opens a file, which is made if it is missing and <paramref name="writable"/>.</summary>
    public static SqliteDatabase Open(string path, bool writable)
    {
        _ = Ready;
        var flags = SQLITE_OPEN_NOMUTEX | (writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
        var code = sqlite3_open_v2(path, out var handle, flags, null);
        if (code != SQLITE_OK)
        {
            var error = new SqliteError(handle is null ? code : sqlite3_extended_errcode(handle), handle is null ? "" : sqlite3_errmsg(handle).utf8_to_string());
            handle?.Dispose();
            throw error;
        }

        sqlite3_extended_result_codes(handle, 1);
        sqlite3_busy_timeout(handle, BusyTimeout);
        return new SqliteDatabase(handle);
    }

    /// <summary>True outside of transactions.</summary>
    public bool IsAutocommit => sqlite3_get_autocommit(_handle) != 0;

    /// <summary>The connection as SQLitePCLRaw wants it.</summary>
    public sqlite3 Handle => _handle;

    /// <summary>Pages written to the write-ahead log since the last call.</summary>
    public int TakePagesWritten()
    {
        _ = sqlite3_db_status(_handle, SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        return pages;
    }

    public void Execute(string sql)
    {
        using var statement = Prepare(sql);
        while (statement.Step())
        {
            // Pragmas answer with rows that nobody needs.
        }
    }

    /// <summary>The first column of the first row; 0 when there is none.</summary>
    public long Number(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Number(0) : 0;
    }

    /// <summary>The first column of the first row; empty when there is none.</summary>
    public string Text(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    public SqliteStatement Prepare(string sql)
    {
        Check(sqlite3_prepare_v3(_handle, sql, SQLITE_PREPARE_PERSISTENT, out var statement));
        return new SqliteStatement(this, statement);
    }

    public void Check(int code)
    {
        if (code is not (SQLITE_OK or SQLITE_ROW or SQLITE_DONE))
        {
            throw new SqliteError(sqlite3_extended_errcode(_handle), sqlite3_errmsg(_handle).utf8_to_string());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static bool Start()
    {
        Batteries_V2.Init();
        return true;
    }
}

/// <summary>A prepared statement.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    public SqliteStatement Bind(int index, long value)
    {
        database.Check(sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        database.Check(sqlite3_bind_blob(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, string value)
    {
        database.Check(sqlite3_bind_text(handle, index, value));
        return this;
    }

    /// <summary>To the next row; false at the end.</summary>
    public bool Step()
    {
        var code = sqlite3_step(handle);
        database.Check(code);
        return code == SQLITE_ROW;
    }

    /// <summary>Runs to the end and makes it ready for the next run, also when it fails.</summary>
    public void Run()
    {
        var code = sqlite3_step(handle);
        if (code != SQLITE_DONE && code != SQLITE_ROW)
        {
            try
            {
                database.Check(code);
            }
            finally
            {
                Reset();
            }
        }

        Reset();
    }

    /// <summary>Ready for the next run. The error of a failed step comes again here and is not another one.</summary>
    public void Reset() => _ = sqlite3_reset(handle);

    public long Number(int column) => sqlite3_column_int64(handle, column);

    public string Text(int column) => sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => sqlite3_column_blob(handle, column);

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}

/// <summary>An error of SQLite.</summary>
/// <param name="code">The extended result code.</param>
/// <param name="message">What SQLite says.</param>
internal sealed class SqliteError(int code, string message) : Exception($"{message} (SQLite error {code})")
{
    public int Code { get; } = code;

    /// <summary>The primary result code.</summary>
    public int Kind => Code & 0xff;
}
