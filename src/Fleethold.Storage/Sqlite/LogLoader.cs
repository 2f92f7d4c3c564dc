using Fleethold.Runtime;
using Fleethold.Storage.Sealing;

namespace Fleethold.Storage.Sqlite;

/// <summary>Reads the whole log, on all cores: first which rows count, then those.</summary>
internal sealed class LogLoader(string path, KeyRing ring)
{
    private readonly record struct Seen(UInt128 Key, long Revision, RowKind Kind);

    /// <summary>What was read, and where the log begins and ends.</summary>
    public sealed record Result(LoadedState State, LiveRows Rows, long First, long Next);

    /// <exception cref="CommitLogException">Rows are missing.</exception>
    /// <exception cref="SealException">A row doesn't open.</exception>
    public async Task<Result> Load(CancellationToken cancellation)
    {
        long logId, horizon, storedFirst, first, last;
        using (var database = SqliteDatabase.Open(path, writable: false))
        {
            logId = SqliteSchema.MetaNumber(database, "log_id");
            horizon = SqliteSchema.MetaNumber(database, "horizon");
            storedFirst = long.Max(SqliteSchema.MetaNumber(database, "first"), 1);
            first = database.Number("SELECT min(position) FROM log");
            last = database.Number("SELECT max(position) FROM log");
        }

        if (last == 0)
        {
            return storedFirst == 1
                ? new Result(new LoadedState(logId, 0, [], [], 0), new LiveRows(), 1, 1)
                : throw Missing(1);
        }

        if (first != storedFirst)
        {
            throw Missing(long.Abs(first - storedFirst));
        }

        var seen = new Seen[last - first + 1];
        await InParallel(first, last, (from, to) => Scan(from, to, first, seen, cancellation));
        var (counts, revision) = Judge(seen, ref horizon);
        var read = await InParallel(first, last, (from, to) => Read(from, to, first, counts, cancellation));
        var resources = read.SelectMany(part => part.Resources).ToList();
        var destroyed = read.SelectMany(part => part.Tombstones).OrderBy(one => one.Revision).ToList();
        if (ring.IsRotating)
        {
            Reconcile(resources, destroyed, counts, first);
            destroyed.RemoveAll(one => one.Revision <= horizon);
        }

        var rows = new LiveRows { Horizon = horizon };
        destroyed.ForEach(one => rows.AddTombstone(one.Revision));
        for (var index = 0; index < seen.Length; index++)
        {
            if (counts[index] && seen[index].Kind == RowKind.Resource)
            {
                rows.Set(seen[index].Key, first + index);
            }
        }

        return new Result(new LoadedState(logId, revision, resources.ConvertAll(one => one.Resource), destroyed, horizon), rows, first, last + 1);
    }

    private bool Scan(long from, long to, long first, Seen[] seen, CancellationToken cancellation)
    {
        using var database = SqliteDatabase.Open(path, writable: false);
        using var rows = database.Prepare("SELECT position, head FROM log WHERE position BETWEEN ? AND ? ORDER BY position");
        rows.Bind(1, from).Bind(2, to);
        var expected = from;
        while (rows.Step())
        {
            var position = rows.Number(0);
            var head = rows.Bytes(1);
            if (position != expected || !RowHead.IsWhole(head))
            {
                throw Missing(position - expected + 1);
            }

            seen[position - first] = new Seen(RowHead.ShortKey(head), RowHead.Revision(head), RowHead.Kind(head));
            if ((++expected & 0xfff) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }

        return expected == to + 1 ? true : throw Missing(to + 1 - expected);
    }

    // The newest row of each key counts, and of the tombstones those that are remembered.
    private (bool[] Counts, long Revision) Judge(Seen[] seen, ref long horizon)
    {
        var counts = new bool[seen.Length];
        var newest = new Dictionary<UInt128, int>(seen.Length);
        var destroys = new List<int>();
        var revision = 0L;
        for (var index = 0; index < seen.Length; index++)
        {
            revision = long.Max(revision, seen[index].Revision);
            if (seen[index].Kind == RowKind.Tombstone)
            {
                destroys.Add(index);
            }

            ref var present = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(newest, seen[index].Key, out var known);
            if (known && seen[present].Revision == seen[index].Revision)
            {
                // No change is written twice.
                throw Missing(1);
            }

            if (!known || seen[present].Revision < seen[index].Revision)
            {
                present = index;
            }
        }

        foreach (var index in newest.Values)
        {
            counts[index] = seen[index].Kind == RowKind.Resource;
        }

        destroys.Sort((left, right) => seen[left].Revision.CompareTo(seen[right].Revision));
        var forgotten = int.Max(0, destroys.Count - LiveRows.RememberedDestroys);
        if (forgotten > 0)
        {
            horizon = long.Max(horizon, seen[destroys[forgotten - 1]].Revision);
        }

        foreach (var index in destroys)
        {
            counts[index] = seen[index].Revision > horizon || ring.IsRotating;
        }

        return (counts, revision);
    }

    private sealed record Part(List<(LoadedResource Resource, long Position)> Resources, List<Mutation> Tombstones);

    private Part Read(long from, long to, long first, bool[] counts, CancellationToken cancellation)
    {
        using var database = SqliteDatabase.Open(path, writable: false);
        using var sealer = new RowSealer(ring);
        using var rows = database.Prepare("SELECT position, head, body FROM log WHERE position BETWEEN ? AND ? ORDER BY position");
        rows.Bind(1, from).Bind(2, to);
        var part = new Part([], []);
        while (rows.Step())
        {
            var position = rows.Number(0);
            if (!counts[position - first])
            {
                continue;
            }

            var head = rows.Bytes(1);
            var resource = sealer.Unseal(head, rows.Bytes(2));
            var (revision, createRevision) = (RowHead.Revision(head), RowHead.CreateRevision(head));
            if (RowHead.Kind(head) == RowKind.Resource)
            {
                part.Resources.Add((new LoadedResource(resource, createRevision, revision), position));
            }
            else
            {
                part.Tombstones.Add(new Mutation(revision, resource, createRevision, IsDestroy: true));
            }

            if ((position & 0xff) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }

        return part;
    }

    // While a rotation is under way a resource can have rows under two names: the newest counts.
    private static void Reconcile(List<(LoadedResource Resource, long Position)> resources, List<Mutation> destroyed, bool[] counts, long first)
    {
        var newest = new Dictionary<Resources.ResourceRef, long>();
        foreach (var (reference, revision) in resources
            .Select(one => (one.Resource.Resource.Ref, one.Resource.ModRevision))
            .Concat(destroyed.Select(one => (one.Resource.Ref, one.Revision))))
        {
            newest[reference] = long.Max(revision, newest.GetValueOrDefault(reference));
        }

        resources.RemoveAll(one =>
        {
            var isOld = newest[one.Resource.Resource.Ref] != one.Resource.ModRevision;
            counts[one.Position - first] &= !isOld;
            return isOld;
        });
    }

    private static async Task<List<T>> InParallel<T>(long first, long last, Func<long, long, T> work)
    {
        var parts = (int)long.Clamp((last - first + 1) / 2048, 1, Environment.ProcessorCount);
        var tasks = new List<Task<T>>();
        for (var part = 0; part < parts; part++)
        {
            var from = first + (last - first + 1) * part / parts;
            var to = first + (last - first + 1) * (part + 1) / parts - 1;
            tasks.Add(Task.Run(() => work(from, to)));
        }

        return [.. await Task.WhenAll(tasks)];
    }

    private CommitLogException Missing(long count) =>
        new($"the store {path} is damaged: about {count} changes are missing or unreadable; keep a copy of the folder, check the disk, and restore the store from a backup");
}
