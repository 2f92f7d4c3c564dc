using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Fleethold.Runtime;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace Fleethold.Storage.Logs;

/// <summary>
/// The logs of machines, in a SQLite file of their own, sealed. Lines wait in a bounded queue and are written by one writer, which puts all
/// that wait into one transaction. A killed process loses what waits (milliseconds); a lost power also what the kernel hadn't written, but
/// never the database. Thread-safe.
/// </summary>
public sealed partial class MachineLogStore : IAsyncDisposable
{
    private const int PageRows = 256;
    private const int RemoveRows = 1000;
    private const int LongestMachineId = 128;

    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    private readonly MachineLogOptions _options;
    private readonly Func<IReadOnlyList<MasterKey>>? _masterKeys;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly MasterKey _key;
    private readonly MachineLogTable _table;
    private readonly MachineLogReader _reader;
    private readonly SealingLane _lane;
    private readonly LogQueue _queue;
    private readonly ConcurrentDictionary<string, MachineLog> _machines = new(StringComparer.Ordinal);

    // Held by whoever uses the table.
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private byte[] _blob = new byte[4096];
    private uint _sealedWith;
    private long _bytesSinceCheck;
    private bool _failing;
    private Task _writing = Task.CompletedTask;
    private Task _cleaning = Task.CompletedTask;

    private MachineLogStore(
        MachineLogOptions options, MachineLogTable table, MasterKey key, Func<IReadOnlyList<MasterKey>>? masterKeys, TimeProvider clock, ILogger log)
    {
        (_options, _table, _key, _masterKeys, _clock, _log) = (options, table, key, masterKeys, clock, log);
        var ring = new KeyRing([key]);
        (_reader, _lane, _queue) = (new MachineLogReader(options.File, ring), new SealingLane(ring), new LogQueue(options.QueueBytes));
        _sealedWith = masterKeys?.Invoke()[^1].Id ?? 0;
    }

    /// <summary>What it has done.</summary>
    public MachineLogCounters Counters { get; } = new();

    /// <summary>Opens the logs, or begins new ones where there are none that can be read: logs are no reason not to start.</summary>
    /// <exception cref="CommitLogException">The file can't be used; the message says what to do.</exception>
    internal static MachineLogStore Open(MachineLogOptions options, Func<IReadOnlyList<MasterKey>> masterKeys, TimeProvider clock, ILogger log)
    {
        var table = OpenTable(options.File, log);
        try
        {
            var master = masterKeys();
            var sealedKey = table.Key();
            var key = sealedKey is null ? null : MachineLogKey.Open(sealedKey, master);
            if (key is null)
            {
                if (sealedKey is not null)
                {
                    Log.KeyLost(log, options.File);
                    table.RemoveAll();
                }

                key = MachineLogKey.Generate();
            }

            table.StoreKey(MachineLogKey.Seal(key, master));
            return Run(new MachineLogStore(options, table, key, masterKeys, clock, log));
        }
        catch (SqliteError failure)
        {
            table.Dispose();
            throw Unusable(options.File, failure);
        }
    }

    /// <summary>Logs that end with the process: their key is nowhere. For a server whose resources are in memory.</summary>
    /// <param name="options">The limits; a file that is there is replaced.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">For what an operator should know.</param>
    /// <exception cref="CommitLogException">The file can't be used.</exception>
    public static MachineLogStore OpenForgetful(MachineLogOptions options, TimeProvider clock, ILogger log)
    {
        var table = OpenTable(options.File, log);
        table.RemoveAll();
        return Run(new MachineLogStore(options, table, MachineLogKey.Generate(), null, clock, log));
    }

    /// <summary>Takes a line unless there is no room now, or the store closes.</summary>
    /// <param name="machineId">Whose line; more than 128 characters are cut.</param>
    /// <param name="line">Raw bytes without a newline; copied. An empty one is nothing.</param>
    public bool TryWrite(string machineId, ReadOnlySpan<byte> line) =>
        line.IsEmpty || _queue.TryAdd(Find(machineId), line[..int.Min(line.Length, _options.LineLimit)]);

    /// <summary>Returns when a refused line should be tried again.</summary>
    /// <exception cref="ObjectDisposedException">The store closes.</exception>
    public ValueTask WhenRoom(CancellationToken cancellation) => _queue.WhenRoom(cancellation);

    /// <summary>Returns when all lines that were taken before are stored, or lost to a failure.</summary>
    public Task Flush() => _queue.Add(null);

    /// <summary>Removes the lines of a machine that is gone, also those that wait, and ends its followers; returns when it is done.</summary>
    public Task Remove(string machineId)
    {
        var name = MachineLogKey.NameOf(_key, Cut(machineId));
        return _queue.Add(_machines.TryRemove(Cut(machineId), out var log) ? log : new MachineLog(name));
    }

    /// <summary>True when there are lines of the machine.</summary>
    public bool Has(string machineId) => _reader.FromEnd(MachineLogKey.NameOf(_key, Cut(machineId)), 0) != 0;

    /// <summary>
    /// The lines of a machine, oldest first, without newlines. Without <paramref name="follow"/> they end with the newest line of this moment; with
    /// it they go on as lines are stored, and end when the machine is removed or the store closes.
    /// </summary>
    /// <param name="machineId">The machine.</param>
    /// <param name="tail">How many old lines: all when negative, none for 0.</param>
    /// <param name="follow">Whether new lines are waited for.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async IAsyncEnumerable<byte[]> Read(
        string machineId, long tail, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var log = Find(machineId);
        var newest = _reader.FromEnd(log.Name, 0);
        var last = follow ? long.MaxValue : newest;
        var after = tail switch
        {
            < 0 => 0,
            0 => newest,
            _ => long.Max(0, _reader.FromEnd(log.Name, tail - 1) - 1),
        };
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var seen = log.Version;
            var (lines, at) = _reader.Page(log, after, last, PageRows, Counters);
            foreach (var line in lines)
            {
                yield return line;
            }

            if (at != after)
            {
                after = at;
            }
            else if (!follow || !await log.WaitForChange(seen, cancellation))
            {
                yield break;
            }
        }
    }

    /// <summary>Removes what is too old, too much, or of machines that are gone. Runs by itself at its interval.</summary>
    public async Task CleanUp(CancellationToken cancellation)
    {
        Rewrap();
        var oldest = (_clock.GetUtcNow() - _options.MaxAge).ToUnixTimeSeconds();
        while (await Removed(() => _table.RemoveOlder(oldest, RemoveRows), cancellation) == RemoveRows)
        {
        }

        if (_options.ExistingMachines is { } existing)
        {
            // The names first: a machine that comes meanwhile isn't among them.
            var names = Locked(_table.Machines);
            var known = (await existing(cancellation)).Select(id => MachineLogKey.NameOf(_key, Cut(id))).ToHashSet(StringComparer.Ordinal);
            foreach (var name in names.Where(name => !known.Contains(name)))
            {
                while (await Removed(() => _table.Remove(name, RemoveRows), cancellation) == RemoveRows)
                {
                }
            }
        }

        await Shrink(cancellation);
    }

    /// <summary>Stores what waits and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync();
        _queue.Close();
        await _cleaning;
        await _writing;
        Rewrap();
        foreach (var log in _machines.Values)
        {
            log.End();
        }

        _reader.Dispose();
        lock (_gate)
        {
            _table.Dispose();
            _lane.Dispose();
        }

        _closing.Dispose();
        if (_masterKeys is null)
        {
            // Nobody can read it any more.
            File.Delete(_options.File);
        }
    }

    private static MachineLogStore Run(MachineLogStore store)
    {
        store._writing = Task.Run(store.WriteBatches);
        store._cleaning = Task.Run(store.CleanUpAtIntervals);
        return store;
    }

    private static MachineLogTable OpenTable(string file, ILogger log)
    {
        try
        {
            return MachineLogTable.Open(file);
        }
        catch (SqliteError failure) when (failure.Kind is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB)
        {
            var aside = file + ".damaged";
            Log.Damaged(log, file, aside, failure.Message);
            File.Move(file, aside, overwrite: true);
            File.Delete(file + "-wal");
            File.Delete(file + "-shm");
            return MachineLogTable.Open(file);
        }
        catch (Exception failure) when (failure is SqliteError or IOException or UnauthorizedAccessException)
        {
            throw Unusable(file, failure);
        }
    }

    private static CommitLogException Unusable(string file, Exception failure) => new(
        $"the logs of machines in {file} can't be used: {failure.Message}; make the file and its folder writable for the server's user",
        CommitOutcome.NotWritten,
        failure);

    private static string Cut(string machineId) => machineId.Length > LongestMachineId ? machineId[..LongestMachineId] : machineId;

    private MachineLog Find(string machineId) => _machines.TryGetValue(machineId, out var known)
        ? known
        : _machines.GetOrAdd(Cut(machineId), static (id, key) => new MachineLog(MachineLogKey.NameOf(key, id)), _key);

    private async Task WriteBatches()
    {
        var spare = new LogBatch();
        while (await _queue.Take(spare) is { } batch)
        {
            var isWritten = Write(batch);
            foreach (var work in batch.Work)
            {
                if (work is { Log: { } log, Length: > 0 })
                {
                    log.Changed();
                }
                else
                {
                    work.Log?.End();
                    work.Done?.SetResult();
                }
            }

            batch.Clear();
            spare = batch;
            if (!isWritten && !_closing.IsCancellationRequested)
            {
                await Task.Delay(FailurePause, _clock, CancellationToken.None);
            }
            else if (_options.MaxBytes > 0 && _bytesSinceCheck > _options.MaxBytes / 16)
            {
                await Shrink(CancellationToken.None);
            }
        }
    }

    private bool Write(LogBatch batch)
    {
        var lines = 0;
        lock (_gate)
        {
            try
            {
                var now = _clock.GetUtcNow().ToUnixTimeSeconds();
                RewrapNow();
                _table.Begin();
                foreach (var work in batch.Work)
                {
                    if (work is { Log: { } log, Length: > 0 })
                    {
                        Store(log, batch.Line(work), now);
                        lines++;
                    }
                    else if (work.Log is { } gone)
                    {
                        _table.Trim(gone.Name, 0);
                    }
                }

                _table.Commit();
                Counters.CountCommit(lines);
                _failing = false;
                return true;
            }
            catch (SqliteError failure)
            {
                Counters.CountLost(batch.Work.Count(work => work.Length > 0));
                if (!_failing)
                {
                    _failing = true;
                    Log.CannotWrite(_log, failure.Message, _options.File);
                }

                TryRollback();
                return false;
            }
        }
    }

    private void Store(MachineLog log, ReadOnlySpan<byte> line, long now)
    {
        var length = line.Length + SealingLane.Overhead;
        if (_blob.Length < length)
        {
            _blob = new byte[length];
        }

        _lane.Seal(line, MachineLogKey.Head(log.Name), _blob.AsSpan(0, length));
        _table.Insert(log.Name, _blob.AsSpan(0, length), now);
        _bytesSinceCheck += length;
        if (++log.SinceTrim >= _options.TrimEvery)
        {
            log.SinceTrim = 0;
            _table.Trim(log.Name, _options.LinesPerMachine);
        }
    }

    private async Task Shrink(CancellationToken cancellation)
    {
        _bytesSinceCheck = 0;
        while (_options.MaxBytes > 0)
        {
            var (used, rows) = Locked(() => (_table.BytesInUse(), _table.Rows()));
            if (used <= _options.MaxBytes || rows == 0)
            {
                return;
            }

            var tooMany = long.Max(1, (used - _options.MaxBytes) * rows / used);
            await Removed(() => _table.RemoveOldest((int)long.Min(tooMany, RemoveRows)), cancellation);
        }
    }

    private async Task CleanUpAtIntervals()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.CleanUpInterval, _clock, _closing.Token);
                try
                {
                    await CleanUp(_closing.Token);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    Log.CannotCleanUp(_log, failure.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It closes.
        }
    }

    // In pieces, so that the writer gets its turn.
    private async Task<int> Removed(Func<int> remove, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var count = Locked(remove);
        await Task.Yield();
        return count;
    }

    private T Locked<T>(Func<T> work)
    {
        lock (_gate)
        {
            return work();
        }
    }

    private void Rewrap()
    {
        lock (_gate)
        {
            try
            {
                RewrapNow();
            }
            catch (SqliteError failure)
            {
                Log.CannotWrite(_log, failure.Message, _options.File);
            }
        }
    }

    private void RewrapNow()
    {
        if (_masterKeys?.Invoke() is { } master && master[^1].Id != _sealedWith)
        {
            _table.StoreKey(MachineLogKey.Seal(_key, master));
            _sealedWith = master[^1].Id;
        }
    }

    private void TryRollback()
    {
        try
        {
            _table.Rollback();
        }
        catch (SqliteError)
        {
            // The failure that led here says more.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Warning, "the logs of machines in {File} can't be opened with the keys of the store: they are removed and begin anew")]
        public static partial void KeyLost(ILogger logger, string file);

        [LoggerMessage(131, LogLevel.Warning, "the logs of machines in {File} are damaged ({Reason}): moved to {Aside}, and begun anew")]
        public static partial void Damaged(ILogger logger, string file, string aside, string reason);

        [LoggerMessage(132, LogLevel.Error, "can't store logs of machines: {Reason}; lines are lost until that ends. See that the disk of {File} has room")]
        public static partial void CannotWrite(ILogger logger, string reason, string file);

        [LoggerMessage(133, LogLevel.Warning, "can't clean up the logs of machines: {Reason}; trying again at the next interval")]
        public static partial void CannotCleanUp(ILogger logger, string reason);
    }
}
