using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;

namespace Fleethold.Storage.Logs;

/// <summary>Reads stored lines over a connection of its own. Thread-safe.</summary>
internal sealed class MachineLogReader : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteDatabase _database;
    private readonly SealingLane _lane;
    private readonly SqliteStatement _page;
    private readonly SqliteStatement _fromEnd;
    private bool _closed;

    public MachineLogReader(string file, KeyRing ring)
    {
        _database = SqliteDatabase.Open(file, writable: false);
        _lane = new SealingLane(ring);
        _page = _database.Prepare("SELECT id, message FROM machine_logs WHERE machine_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?");
        _fromEnd = _database.Prepare("SELECT id FROM machine_logs WHERE machine_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?");
    }

    /// <summary>The id of a row counted from the newest, which is 0; 0 when there are fewer.</summary>
    public long FromEnd(string machine, long position)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return 0;
            }

            var id = _fromEnd.Bind(1, machine).Bind(2, position).Step() ? _fromEnd.Number(0) : 0;
            _fromEnd.Reset();
            return id;
        }
    }

    /// <summary>The next rows of a machine.</summary>
    /// <param name="log">The machine.</param>
    /// <param name="after">The id of the last row that was read.</param>
    /// <param name="last">The id of the last row that is wanted.</param>
    /// <param name="most">The most rows.</param>
    /// <param name="counters">Counts what doesn't open.</param>
    /// <returns>The lines in order, and the id of the last row, which is <paramref name="after"/> when there is none.</returns>
    public (List<byte[]> Lines, long Last) Page(MachineLog log, long after, long last, int most, MachineLogCounters counters)
    {
        var lines = new List<byte[]>();
        lock (_gate)
        {
            if (_closed)
            {
                return (lines, after);
            }

            _page.Bind(1, log.Name).Bind(2, after).Bind(3, last).Bind(4, most);
            try
            {
                while (_page.Step())
                {
                    after = _page.Number(0);
                    var blob = _page.Bytes(1);
                    try
                    {
                        var line = new byte[int.Max(0, SealingLane.ContentLength(blob))];
                        _lane.Unseal(blob, MachineLogKey.Head(log.Name), line);
                        lines.Add(line);
                    }
                    catch (SealException)
                    {
                        counters.CountDamaged();
                    }
                }
            }
            finally
            {
                _page.Reset();
            }

            return (lines, after);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _page.Dispose();
            _fromEnd.Dispose();
            _database.Dispose();
            _lane.Dispose();
        }
    }
}
