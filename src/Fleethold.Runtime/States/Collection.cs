using Fleethold.Resources;
using Fleethold.Resources.Queries;

namespace Fleethold.Runtime.States;

/// <summary>All resources of one kind, the last events about them, and who watches. Everything but <see cref="Kind"/> is guarded by <see cref="Gate"/>.</summary>
internal sealed class Collection(KindRef kind, long history, int ringCapacity)
{
    private const int ScanBelow = 64;

    private readonly Dictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private readonly OrderedSlots _ordered = new();
    private readonly LabelIndex _labels = new();
    private readonly List<StateWatch> _watches = [];
    private readonly Dictionary<string, List<StateWatch>> _watchesById = new(StringComparer.Ordinal);
    private readonly LinkedList<Mutation> _tombstones = new();
    private int _count;

    public Lock Gate { get; } = new();

    public KindRef Kind { get; } = kind;

    public EventRing Ring { get; } = new(ringCapacity);

    /// <summary>The history that bookmarks of this kind belong to.</summary>
    public long History { get; } = history;

    /// <summary>The revision of the last change that readers see.</summary>
    public long LastRevision { get; private set; }

    /// <summary>The slot of an id; null when nothing is known of it.</summary>
    public Slot? Find(string id) => _slots.GetValueOrDefault(id);

    /// <summary>The slot of an id, made if need be.</summary>
    public Slot FindOrAdd(string id)
    {
        if (!_slots.TryGetValue(id, out var slot))
        {
            _slots.Add(id, slot = new Slot(id));
        }

        return slot;
    }

    /// <summary>Takes away a slot that has neither content nor a change on its way.</summary>
    public void RemoveIfUnused(Slot slot)
    {
        if (slot is { Committed: null, Head: null, Pending: null })
        {
            _slots.Remove(slot.Id);
        }
    }

    /// <summary>Shows a change that is durable: readers see it and watches get its event.</summary>
    public void Apply(Slot slot, in Mutation mutation)
    {
        var before = slot.Committed;
        Show(slot, mutation);
        LastRevision = mutation.Revision;
        var type = mutation.IsDestroy ? EventType.Destroyed : before is null ? EventType.Created : EventType.Updated;
        var bookmark = Bookmark.Encode(History, mutation.Revision);
        Publish(new RingEntry(mutation.Revision, new StateEvent(type, mutation.Resource, type == EventType.Updated ? before : null, bookmark)));
    }

    /// <summary>Puts in place what was there before the process started; nobody is told.</summary>
    public void Restore(in LoadedResource loaded)
    {
        var slot = FindOrAdd(loaded.Resource.Metadata.Id);
        Show(slot, new Mutation(loaded.ModRevision, loaded.Resource, loaded.CreateRevision, IsDestroy: false));
        (slot.Head, slot.HeadCreateRevision) = (loaded.Resource, loaded.CreateRevision);
    }

    public void AddTombstone(in Mutation destroyed) => _tombstones.AddLast(destroyed);

    public void ForgetOldestTombstone() => _tombstones.RemoveFirst();

    /// <summary>All resources that a query covers, in no order; the caller orders and filters outside the lock.</summary>
    public (Resource[] Found, bool Ordered) Snapshot(ResourceQuery query)
    {
        if (_count > ScanBelow && !query.Labels.IsEmpty && Candidates(query) is { } slots)
        {
            return ([.. slots.Select(slot => slot.Committed!)], false);
        }

        return (_ordered.Read(_count), true);
    }

    public void Add(StateWatch watch)
    {
        if (watch.Id is null)
        {
            _watches.Add(watch);
            return;
        }

        if (!_watchesById.TryGetValue(watch.Id, out var list))
        {
            _watchesById.Add(watch.Id, list = []);
        }

        list.Add(watch);
    }

    public void Remove(StateWatch watch)
    {
        if (watch.Id is null)
        {
            _watches.Remove(watch);
        }
        else if (_watchesById.TryGetValue(watch.Id, out var list) && list.Remove(watch) && list.Count == 0)
        {
            _watchesById.Remove(watch.Id);
        }
    }

    /// <summary>
    /// What happened after a revision, with every resource's changes collapsed into the last one, in the order of revisions.
    /// Only the last event carries the bookmark of <paramref name="now"/>; the others carry that of the start, so that a reader that breaks off in
    /// the middle gets everything again rather than half of it.
    /// </summary>
    public List<StateEvent> CollapsedSince(long revision, long now, ResourceQuery query, string? id)
    {
        var changes = new List<(long Revision, StateEvent Event)>();
        var start = Bookmark.Encode(History, revision);
        foreach (var gone in _tombstones)
        {
            if (gone.Revision > revision && gone.CreateRevision <= revision && Covers(gone.Resource))
            {
                changes.Add((gone.Revision, new StateEvent(EventType.Destroyed, gone.Resource, Bookmark: start)));
            }
        }

        foreach (var slot in _slots.Values)
        {
            if (slot.Committed is not { } resource || slot.ModRevision <= revision || (id is not null && id != slot.Id))
            {
                continue;
            }

            var isNew = slot.CreateRevision > revision;
            if (Covers(resource))
            {
                changes.Add((slot.ModRevision, new StateEvent(isNew ? EventType.Created : EventType.Updated, resource, Bookmark: start)));
            }
            else if (!isNew)
            {
                // What it looked like at the bookmark isn't known: it may have been covered then.
                changes.Add((slot.ModRevision, new StateEvent(EventType.Destroyed, resource, Bookmark: start)));
            }
        }

        changes.Sort((left, right) => left.Revision.CompareTo(right.Revision));
        var events = changes.ConvertAll(change => change.Event);
        if (events.Count > 0)
        {
            events[^1] = events[^1] with { Bookmark = Bookmark.Encode(History, now) };
        }

        return events;

        bool Covers(Resource resource) => id is not null ? resource.Metadata.Id == id : query.Matches(resource.Metadata);
    }

    private void Show(Slot slot, in Mutation mutation)
    {
        var before = slot.Committed;
        var after = mutation.IsDestroy ? null : mutation.Resource;
        _labels.Replace(slot, before?.Metadata.Labels, after?.Metadata.Labels);
        (slot.Committed, slot.CreateRevision, slot.ModRevision) = (after, mutation.CreateRevision, mutation.Revision);
        if ((before is null) != (after is null))
        {
            _count += after is null ? -1 : 1;
            _ordered.Changed(slot, _count);
        }
    }

    private void Publish(in RingEntry entry)
    {
        var index = Ring.End;
        Ring.Add(entry);
        foreach (var watch in _watches)
        {
            watch.Observe(index, entry);
        }

        if (_watchesById.Count > 0 && _watchesById.TryGetValue(entry.Resource.Metadata.Id, out var interested))
        {
            foreach (var watch in interested)
            {
                watch.Observe(index, entry);
            }
        }
    }

    private IReadOnlyCollection<Slot>? Candidates(ResourceQuery query)
    {
        if (query.Labels.Length == 1)
        {
            return _labels.Candidates(query.Labels[0], _slots.Values);
        }

        var union = new HashSet<Slot>();
        foreach (var one in query.Labels)
        {
            if (_labels.Candidates(one, _slots.Values) is not { } some)
            {
                return null;
            }

            union.UnionWith(some);
        }

        return union;
    }
}
