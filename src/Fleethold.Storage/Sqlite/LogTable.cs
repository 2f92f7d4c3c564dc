using Fleethold.Storage.Sealing;

namespace Fleethold.Storage.Sqlite;

/// <summary>
/// The writing side of table <c>log</c>: appends, and cleans the front. For one thread at a time. A transaction changes nothing in memory
/// until <see cref="Commit"/> has succeeded.
/// </summary>
internal sealed class LogTable : IDisposable
{
    // Garbage is cleaned when it outweighs what counts by so many rows.
    private const int ToleratedGarbage = 16_384;

    private readonly SqliteDatabase _database;
    private readonly KeyRing _ring;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _read;
    private readonly SqliteStatement _copy;
    private readonly SqliteStatement _delete;
    private readonly SqliteStatement _storeMeta;
    private readonly RowBuffer _resealed = new();
    private long _first;
    private long _next;

    public LogTable(SqliteDatabase database, KeyRing ring, LiveRows rows, long first, long next)
    {
        (_database, _ring, Rows, _first, _next) = (database, ring, rows, first, next);
        (First, Next) = (first, next);
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _rollback = database.Prepare("ROLLBACK");
        _insert = database.Prepare("INSERT INTO log VALUES (?, ?, ?)");
        _read = database.Prepare("SELECT position, head, body FROM log WHERE position >= ? ORDER BY position LIMIT ?");
        _copy = database.Prepare("INSERT INTO log SELECT ?, head, body FROM log WHERE position = ?");
        _delete = database.Prepare("DELETE FROM log WHERE position < ?");
        _storeMeta = database.Prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    }

    public LiveRows Rows { get; }

    /// <summary>The position of the oldest row.</summary>
    public long First { get; private set; }

    /// <summary>The position of the next row.</summary>
    public long Next { get; private set; }

    /// <summary>The revision of the last row appended; 0 when there are no rows.</summary>
    public long Revision
    {
        get
        {
            using var last = _database.Prepare("SELECT head FROM log ORDER BY position DESC LIMIT 1");
            return last.Step() ? RowHead.Revision(last.Bytes(0)) : 0;
        }
    }

    /// <summary>True when cleaning is worth its writes.</summary>
    public bool NeedsCleaning => Next - First > 2L * Rows.Count + ToleratedGarbage;

    public void Begin() => _begin.Run();

    public void Commit()
    {
        _commit.Run();
        Rows.Apply();
        (First, Next) = (_first, _next);
    }

    /// <summary>Ends the transaction without its changes.</summary>
    /// <param name="keepStaged">True when the transaction may turn out to be committed: <see cref="Reopen"/> decides.</param>
    /// <returns>False when that failed: the connection is of no more use.</returns>
    public bool TryRollback(bool keepStaged)
    {
        if (!keepStaged)
        {
            Rows.Discard();
            (_first, _next) = (First, Next);
        }

        try
        {
            if (!_database.IsAutocommit)
            {
                _rollback.Run();
            }

            return true;
        }
        catch (SqliteError)
        {
            // What began the trouble is told; this says nothing new.
            return false;
        }
    }

    /// <summary>The same log through another connection, after a transaction whose outcome wasn't known.</summary>
    public LogTable Reopen(SqliteDatabase database)
    {
        if (database.Number("SELECT max(position) FROM log") + 1 == _next)
        {
            Rows.Apply();
            (First, Next) = (_first, _next);
        }

        Rows.Discard();
        return new LogTable(database, _ring, Rows, First, Next);
    }

    /// <summary>Appends a sealed row.</summary>
    public void Append(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        _insert.Bind(1, _next).Bind(2, head).Bind(3, body).Run();
        if (RowHead.Kind(head) == RowKind.Resource)
        {
            Rows.StageSet(RowHead.ShortKey(head), _next);
        }
        else
        {
            Rows.StageRemove(RowHead.ShortKey(head));
            Rows.StageTombstone(RowHead.Revision(head));
        }

        _next++;
    }

    /// <summary>A row of a resource that was named under an older master key counts no more: the resource has one under the current key.</summary>
    public void Supersede(ReadOnlySpan<byte> oldRowKey) =>
        Rows.StageRemove(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(oldRowKey));

    public void StoreMeta(string name, ReadOnlySpan<byte> value) => _storeMeta.Bind(1, name).Bind(2, value).Run();

    /// <summary>
    /// Removes rows from the front; those that count move to the end, sealed anew when their master key is an old one. Must come before the
    /// appends of a transaction, as it goes by what counted before them.
    /// </summary>
    /// <param name="most">How many rows.</param>
    /// <param name="sealer">Seals anew.</param>
    public void Clean(int most, RowSealer sealer)
    {
        var end = long.Min(_first + most, Next);
        if (_first >= end)
        {
            return;
        }

        var moving = new List<(long Position, RowKind Kind, UInt128 Key)>();
        _read.Bind(1, _first).Bind(2, end - _first);
        try
        {
            while (_read.Step())
            {
                var position = _read.Number(0);
                var head = _read.Bytes(1);
                var body = _read.Bytes(2);
                var counts = RowHead.Kind(head) == RowKind.Tombstone
                    ? RowHead.Revision(head) > Rows.Horizon
                    : Rows.IsLive(RowHead.ShortKey(head), position);
                if (counts && SealingLane.KeyIdOf(body) == _ring.Current.Id)
                {
                    moving.Add((position, RowHead.Kind(head), RowHead.ShortKey(head)));
                }
                else if (counts)
                {
                    Reseal(head, body, sealer);
                }
            }
        }
        finally
        {
            _read.Reset();
        }

        foreach (var (position, kind, key) in moving)
        {
            _copy.Bind(1, _next).Bind(2, position).Run();
            if (kind == RowKind.Resource)
            {
                Rows.StageSet(key, _next);
            }

            _next++;
        }

        for (var row = 0; row < _resealed.Count; row++)
        {
            _insert.Bind(1, _next).Bind(2, _resealed.Head(row)).Bind(3, _resealed.Body(row)).Run();
            if (RowHead.Kind(_resealed.Head(row)) == RowKind.Resource)
            {
                Rows.StageSet(RowHead.ShortKey(_resealed.Head(row)), _next);
            }

            _next++;
        }

        _resealed.Clear();
        _delete.Bind(1, end).Run();
        _first = end;
        _storeMeta.Bind(1, "first").Bind(2, _first).Run();
        _storeMeta.Bind(1, "horizon").Bind(2, Rows.Horizon).Run();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<SqliteStatement>)[_begin, _commit, _rollback, _insert, _read, _copy, _delete, _storeMeta])
        {
            statement.Dispose();
        }
    }

    private void Reseal(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, RowSealer sealer)
    {
        var resource = sealer.Unseal(head, body);
        if (RowHead.Kind(head) == RowKind.Resource)
        {
            Rows.StageRemove(RowHead.ShortKey(head));
        }

        sealer.Seal(resource, RowHead.Kind(head), RowHead.Revision(head), RowHead.CreateRevision(head), _resealed);
    }
}
