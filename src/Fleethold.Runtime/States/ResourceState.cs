using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Fleethold.Resources;
using Fleethold.Resources.Queries;

namespace Fleethold.Runtime.States;

/// <summary>
/// The state: memory is the working copy, a commit log is the truth (design.md decision 1). A write is checked against the newest accepted
/// content, queued, committed together with others, and only then shown and acknowledged. Kinds of namespaces that aren't persistent
/// (<see cref="Namespaces.IsPersistent"/>) skip the log.
/// </summary>
public sealed class ResourceState : IState, IAsyncDisposable
{
    private const int PersistentRing = 4096;
    private const int EphemeralRing = 10_000;

    /// <summary>Destroyed resources are remembered for so many destroys, so that watches can go on from old bookmarks.</summary>
    private const int RememberedTombstones = 10_000;

    private readonly ConcurrentDictionary<KindRef, Collection> _collections = new();
    private readonly Queue<(Collection Collection, long Revision)> _tombstones = new();
    private readonly TimeProvider _clock;
    private readonly long _process = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
    private readonly long _history;
    private readonly Committer? _committer;
    private readonly long _startRevision;
    private long _shownRevision;
    private long _processRevision;
    private long _horizon;

    private ResourceState(ICommitLog? log, LoadedState? loaded, TimeProvider clock)
    {
        _clock = clock;
        _history = loaded?.LogId ?? _process;
        if (log is null || loaded is null)
        {
            return;
        }

        _committer = new Committer(log, loaded.Revision, Show, clock);
        _shownRevision = _startRevision = loaded.Revision;
        _horizon = loaded.Horizon;
        foreach (var one in loaded.Resources)
        {
            CollectionOf(one.Resource.Ref.Kind).Restore(one);
        }

        foreach (var gone in loaded.Tombstones)
        {
            Remember(CollectionOf(gone.Resource.Ref.Kind), gone);
        }
    }

    /// <summary>Null while writes are taken; otherwise why they are refused now, with what to do.</summary>
    public string? WritesRefusedBecause => _committer?.Trouble;

    /// <summary>The revision of the last durable change that readers see.</summary>
    public long Revision => Volatile.Read(ref _shownRevision);

    /// <summary>A state that lives and dies with the process.</summary>
    public static ResourceState InMemory(TimeProvider clock) => new(null, null, clock);

    /// <summary>A state on top of a log, with everything that the log holds. The state owns the log and disposes of it.</summary>
    /// <exception cref="CommitLogException">The log can't be read.</exception>
    public static async ValueTask<ResourceState> Open(ICommitLog log, TimeProvider clock, CancellationToken cancellation)
    {
        var loaded = await log.Load(cancellation);
        return new ResourceState(log, loaded, clock);
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<Resource>> Get(ResourceRef reference, CancellationToken cancellation = default)
    {
        StateMetrics.Count("get", reference.Type);
        Resource? found = null;
        if (_collections.TryGetValue(reference.Kind, out var collection))
        {
            lock (collection.Gate)
            {
                found = collection.Find(reference.Id)?.Committed;
            }
        }

        return new(found is null ? new Fault.NotFound(reference) : found);
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<IReadOnlyList<Resource>>> List(KindRef kind, ResourceQuery query, CancellationToken cancellation = default)
    {
        StateMetrics.Count("list", kind.Type);
        return new(Outcome<IReadOnlyList<Resource>>.Of(ListNow(kind, query)));
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<Resource>> Create(Resource resource, string owner = "", CancellationToken cancellation = default)
    {
        StateMetrics.Count("create", resource.Metadata.Type);
        var given = resource.Metadata;
        if (given.Owner.Length > 0 && given.Owner != owner)
        {
            return new Fault.Invalid($"owner is already set to \"{given.Owner}\"");
        }

        _ = resource.SpecBytes;
        var collection = CollectionOf(resource.Ref.Kind);
        return await Write(collection, given.Id, cancellation, slot =>
        {
            if (slot.Head is not null)
            {
                return new Fault.AlreadyExists(given);
            }

            var metadata = given with { Version = ResourceVersion.First, Owner = owner, Created = Instant.Now(_clock) };
            return Accepted.Create(resource.With(metadata));
        });
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<Resource>> Update(
        Resource resource, string owner = "", Phase? expectedPhase = Phase.Running, CancellationToken cancellation = default)
    {
        StateMetrics.Count("update", resource.Metadata.Type);
        var given = resource.Metadata;
        _ = resource.SpecBytes;
        return await Write(CollectionOf(resource.Ref.Kind), given.Id, cancellation, slot =>
        {
            if (slot.Head is not { Metadata: var present })
            {
                return new Fault.NotFound(given.Ref, given.Version);
            }

            if (present.Owner != owner)
            {
                return new Fault.OwnerConflict(present, present.Owner);
            }

            if (present.Version != given.Version)
            {
                return new Fault.VersionConflict(present, given.Version, present.Version);
            }

            if (expectedPhase is { } phase && present.Phase != phase)
            {
                return new Fault.PhaseConflict(present, phase);
            }

            return Accepted.Update(resource.With(given with
            {
                Version = present.Version.Next(),
                Owner = present.Owner,
                Created = present.Created,
                Updated = Instant.Now(_clock),
            }));
        });
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<Resource>> Teardown(ResourceRef reference, string owner = "", CancellationToken cancellation = default)
    {
        StateMetrics.Count("teardown", reference.Type);
        return await Write(CollectionOf(reference.Kind), reference.Id, cancellation, slot =>
        {
            if (slot.Head is not { } head)
            {
                return new Fault.NotFound(reference);
            }

            var present = head.Metadata;
            if (present.Owner != owner)
            {
                return new Fault.OwnerConflict(present, present.Owner);
            }

            return present.Phase == Phase.TearingDown
                ? Accepted.Unchanged(head)
                : Accepted.Update(head.With(present with
                {
                    Version = present.Version.Next(),
                    Phase = Phase.TearingDown,
                    Updated = Instant.Now(_clock),
                }));
        });
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<Resource>> Destroy(ResourceRef reference, string owner = "", CancellationToken cancellation = default)
    {
        StateMetrics.Count("destroy", reference.Type);
        return await Write(CollectionOf(reference.Kind), reference.Id, cancellation, slot =>
        {
            if (slot.Head is not { } head)
            {
                return new Fault.NotFound(reference);
            }

            if (head.Metadata.Owner != owner)
            {
                return new Fault.OwnerConflict(head.Metadata, head.Metadata.Owner);
            }

            return head.Metadata.Finalizers.IsEmpty ? Accepted.Destroy(head) : new Fault.PendingFinalizers(head.Metadata);
        });
    }

    /// <inheritdoc/>
    public Outcome<IWatch> Watch(ResourceRef reference, WatchOptions options)
    {
        StateMetrics.Count("watch", reference.Type);
        if (options.BootstrapContents)
        {
            return new Fault.Unsupported("bootstrap contents is not implemented for resource watch");
        }

        return Watch(CollectionOf(reference.Kind), reference.Id, ResourceQuery.All, options);
    }

    /// <inheritdoc/>
    public Outcome<IWatch> WatchKind(KindRef kind, ResourceQuery query, WatchOptions options)
    {
        StateMetrics.Count("watch", kind.Type);
        if (options.BootstrapContents && (options.TailEvents > 0 || !options.StartFromBookmark.IsEmpty))
        {
            return new Fault.Invalid("cannot use BootstrapContents with TailEvents and StartFromBookmark options");
        }

        return Watch(CollectionOf(kind), null, query, options);
    }

    /// <summary>Waits for what was accepted to be written, refuses what comes later, and closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_committer is not null)
        {
            await _committer.DisposeAsync();
        }
    }

    private Collection CollectionOf(KindRef kind) =>
        _collections.GetOrAdd(kind, static (name, state) => state.NewCollection(name), this);

    private Collection NewCollection(KindRef kind)
    {
        var durable = IsDurable(kind);
        var collection = new Collection(kind, durable ? _history : _process, durable ? PersistentRing : EphemeralRing);
        collection.Ring.BaseRevision = durable ? _startRevision : 0;
        return collection;
    }

    private bool IsDurable(KindRef kind) => _committer is not null && Namespaces.IsPersistent(kind.Namespace);

    private Resource[] ListNow(KindRef kind, ResourceQuery query)
    {
        if (!_collections.TryGetValue(kind, out var collection))
        {
            return [];
        }

        Resource[] found;
        bool ordered;
        lock (collection.Gate)
        {
            (found, ordered) = collection.Snapshot(query);
        }

        return Select(found, ordered, query);
    }

    private static Resource[] Select(Resource[] found, bool ordered, ResourceQuery query)
    {
        var selected = query.IsAll ? found : Array.FindAll(found, resource => query.Matches(resource.Metadata));
        if (!ordered)
        {
            Array.Sort(selected, static (left, right) => CodePointOrder.Compare(left.Metadata.Id, right.Metadata.Id));
        }

        return selected;
    }

    /// <summary>
    /// Checks a write against the newest accepted content and hands it on. A refusal that rests on content still on its way to the disk is only
    /// given once that content is durable: otherwise a crash could take back what the refusal told.
    /// </summary>
    private async ValueTask<Outcome<Resource>> Write(
        Collection collection, string id, CancellationToken cancellation, Func<Slot, Outcome<Accepted>> decide)
    {
        var (result, awaited) = Decide(collection, id, decide);
        if (awaited is null)
        {
            return result;
        }

        return await awaited.Done.WaitAsync(cancellation) is { } failed ? failed : result;
    }

    private (Outcome<Resource> Result, PendingWrite? Awaited) Decide(Collection collection, string id, Func<Slot, Outcome<Accepted>> decide)
    {
        lock (collection.Gate)
        {
            var slot = collection.FindOrAdd(id);
            try
            {
                if (!decide(slot).Succeeded(out var accepted, out var fault))
                {
                    return (fault, slot.Pending);
                }

                if (accepted.Effect == Effect.None)
                {
                    return (accepted.Resource, slot.Pending);
                }

                if (IsDurable(collection.Kind))
                {
                    var refused = _committer!.Enqueue(collection, slot, accepted);
                    return refused is null ? (accepted.Resource, slot.Pending) : (refused, null);
                }

                var revision = Interlocked.Increment(ref _processRevision);
                collection.Apply(slot, accepted.ToMutation(revision, slot));
                (slot.Head, slot.HeadCreateRevision) = (slot.Committed, slot.CreateRevision);
                return (accepted.Resource, null);
            }
            finally
            {
                collection.RemoveIfUnused(slot);
            }
        }
    }

    /// <summary>Shows a committed batch to readers and watches, in order. Called by the committer only.</summary>
    private void Show(IReadOnlyList<PendingWrite> batch)
    {
        foreach (var write in batch)
        {
            var collection = write.Collection;
            lock (collection.Gate)
            {
                collection.Apply(write.Slot, write.Mutation);
                if (write.Slot.Pending == write)
                {
                    write.Slot.Pending = null;
                }

                collection.RemoveIfUnused(write.Slot);
            }

            if (write.Mutation.IsDestroy)
            {
                Remember(collection, write.Mutation);
            }
        }

        Volatile.Write(ref _shownRevision, batch[^1].Mutation.Revision);
    }

    private void Remember(Collection collection, in Mutation destroyed)
    {
        lock (collection.Gate)
        {
            collection.AddTombstone(destroyed);
        }

        _tombstones.Enqueue((collection, destroyed.Revision));
        while (_tombstones.Count > RememberedTombstones)
        {
            var (oldest, revision) = _tombstones.Dequeue();

            // In this order: whoever still finds the tombstone may use it, whoever doesn't must see the new horizon.
            Volatile.Write(ref _horizon, revision);
            lock (oldest.Gate)
            {
                oldest.ForgetOldestTombstone();
            }
        }
    }

    private Outcome<IWatch> Watch(Collection collection, string? id, ResourceQuery query, WatchOptions options)
    {
        if (options.TailEvents > 0 && !options.StartFromBookmark.IsEmpty)
        {
            return new Fault.Invalid("cannot use both TailEvents and StartFromBookmark options");
        }

        lock (collection.Gate)
        {
            var ring = collection.Ring;
            var durable = IsDurable(collection.Kind);
            var now = Math.Max(collection.LastRevision, durable ? Volatile.Read(ref _shownRevision) : 0);
            var prelude = new List<StateEvent>();
            var start = ring.End;
            if (!options.StartFromBookmark.IsEmpty)
            {
                var latest = durable ? now : Volatile.Read(ref _processRevision);
                if (!Bookmark.TryDecode(options.StartFromBookmark.Span, collection.History, out var revision) || revision > latest)
                {
                    return new Fault.InvalidBookmark();
                }

                if (revision >= ring.BaseRevision)
                {
                    start = ring.IndexAfter(revision);
                }
                else if (durable && revision >= Volatile.Read(ref _horizon))
                {
                    prelude = collection.CollapsedSince(revision, now, query, id);
                }
                else
                {
                    return new Fault.InvalidBookmark();
                }
            }
            else if (options.TailEvents > 0)
            {
                start = id is null ? Math.Max(ring.Start, ring.End - options.TailEvents) : ring.IndexOfLast(options.TailEvents, id);
            }
            else if (id is not null)
            {
                prelude.Add(PresentState(collection, id, now));
            }
            else if (options.BootstrapContents)
            {
                var (found, ordered) = collection.Snapshot(query);
                prelude.AddRange(Select(found, ordered, query).Select(resource => new StateEvent(EventType.Created, resource)));
                prelude.Add(Marker(EventType.Bootstrapped, collection, now));
            }

            if (options.BootstrapBookmark && id is null)
            {
                prelude.Add(Marker(EventType.Noop, collection, now));
            }

            var watch = new StateWatch(collection, id, query, prelude);
            collection.Add(watch);
            watch.StartAt(start);
            return watch;
        }
    }

    private static StateEvent PresentState(Collection collection, string id, long now)
    {
        var bookmark = Bookmark.Encode(collection.History, now);
        return collection.Find(id)?.Committed is { } present
            ? new StateEvent(EventType.Created, present, Bookmark: bookmark)
            : new StateEvent(EventType.Destroyed, Tombstone.Of(collection.Kind.Named(id)), Bookmark: bookmark);
    }

    private static StateEvent Marker(EventType type, Collection collection, long now) =>
        new(type, Tombstone.Of(collection.Kind.Named("")), Bookmark: Bookmark.Encode(collection.History, now));
}
