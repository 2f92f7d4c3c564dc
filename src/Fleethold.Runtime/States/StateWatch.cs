using System.Threading.Tasks.Sources;
using Fleethold.Resources;
using Fleethold.Resources.Queries;

namespace Fleethold.Runtime.States;

/// <summary>
/// A cursor over the ring of a collection. The collection shows every event to every watch as it happens, and a watch only remembers the index
/// of the first one that concerns it: what doesn't concern it neither wakes it nor makes it fall behind.
/// </summary>
internal sealed class StateWatch : IWatch, IValueTaskSource
{
    private readonly Collection _collection;
    private readonly string? _id;
    private readonly ResourceQuery _query;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private Queue<StateEvent>? _prelude;
    private long _firstUnread = -1;
    private bool _waiting;
    private bool _ended;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;

    public StateWatch(Collection collection, string? id, ResourceQuery query, IEnumerable<StateEvent> prelude)
    {
        (_collection, _id, _query) = (collection, id, query);
        _prelude = new Queue<StateEvent>(prelude);
    }

    public string? Id => _id;

    /// <summary>Called for each event, with the collection's lock held.</summary>
    public void Observe(long index, in RingEntry entry)
    {
        if (_ended || !Concerns(entry.Event))
        {
            return;
        }

        if (_firstUnread < 0)
        {
            _firstUnread = index;
        }

        if (_waiting)
        {
            _waiting = false;
            _signal.SetResult(true);
        }
    }

    /// <summary>Goes back to an event that is in the ring already; with the collection's lock held.</summary>
    public void StartAt(long index) => _firstUnread = index < _collection.Ring.End ? index : -1;

    public IReadOnlyList<StateEvent> TakeAvailable(int max)
    {
        if (_prelude is { Count: > 0 } prelude)
        {
            var first = new List<StateEvent>(Math.Min(max, prelude.Count));
            while (first.Count < max && prelude.TryDequeue(out var one))
            {
                first.Add(one);
            }

            return first;
        }

        _prelude = null;
        lock (_collection.Gate)
        {
            return _ended || _firstUnread < 0 ? [] : ReadRing(max);
        }
    }

    public ValueTask WaitAsync(CancellationToken cancellation)
    {
        if (_prelude is { Count: > 0 })
        {
            return ValueTask.CompletedTask;
        }

        cancellation.ThrowIfCancellationRequested();
        lock (_collection.Gate)
        {
            if (_firstUnread >= 0 && !_ended)
            {
                return ValueTask.CompletedTask;
            }

            _signal.Reset();
            _waiting = true;
        }

        if (cancellation != _cancellation)
        {
            _registration.Dispose();
            _cancellation = cancellation;
            _registration = cancellation.UnsafeRegister(static (watch, token) => ((StateWatch)watch!).Cancel(token), this);
        }

        return new ValueTask(this, _signal.Version);
    }

    public void Dispose()
    {
        _registration.Dispose();
        lock (_collection.Gate)
        {
            _collection.Remove(this);
        }
    }

    void IValueTaskSource.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        lock (_collection.Gate)
        {
            if (_waiting)
            {
                _waiting = false;
                _signal.SetException(new OperationCanceledException(token));
            }
        }
    }

    private IReadOnlyList<StateEvent> ReadRing(int max)
    {
        var ring = _collection.Ring;
        if (_firstUnread < ring.Start)
        {
            _ended = true;
            var (@namespace, type) = _collection.Kind;
            var text = $"buffer overrun: namespace \"{@namespace}\" type \"{type}\", write pos {ring.End}, pos {_firstUnread}, capacity {ring.Capacity}";
            return [new StateEvent(EventType.Errored, Tombstone.Of(_collection.Kind.Named(_id ?? "")), Error: text)];
        }

        var taken = new List<StateEvent>(Math.Min(max, 16));
        var index = _firstUnread;
        for (; index < ring.End && taken.Count < max; index++)
        {
            if (Filter(ring[index].Event) is { } seen)
            {
                taken.Add(seen);
            }
        }

        _firstUnread = index < ring.End ? index : -1;
        return taken;
    }

    private bool Concerns(StateEvent one)
    {
        if (_id is not null)
        {
            return one.Resource.Metadata.Id == _id;
        }

        return _query.IsAll || _query.Matches(one.Resource.Metadata) || (one.Old is { } old && _query.Matches(old.Metadata));
    }

    /// <summary>The event as this watch sees it: leaving the query is a Destroyed, entering it a Created (reference/resources.md 2.7).</summary>
    private StateEvent? Filter(StateEvent one)
    {
        if (_id is not null)
        {
            return one.Resource.Metadata.Id == _id ? one : null;
        }

        if (_query.IsAll)
        {
            return one;
        }

        var matches = _query.Matches(one.Resource.Metadata);
        if (one.Type is not EventType.Updated)
        {
            return matches ? one : null;
        }

        var matched = _query.Matches(one.Old!.Metadata);
        return (matched, matches) switch
        {
            (true, true) => one,
            (false, true) => one with { Type = EventType.Created, Old = null },
            (true, false) => one with { Type = EventType.Destroyed, Old = null },
            _ => null,
        };
    }
}

/// <summary>What stands for a resource that isn't there: metadata with a name only, and no spec.</summary>
internal static class Tombstone
{
    public static OpaqueResource Of(ResourceRef reference) => new(new Metadata(reference), ReadOnlyMemory<byte>.Empty, "");
}
