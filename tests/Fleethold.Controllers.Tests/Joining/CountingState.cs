using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;

namespace Fleethold.Controllers.Tests.Joining;

/// <summary>Counts the writes that succeed.</summary>
internal sealed class CountingState(IState inner) : IState
{
    private int _writes;

    public int Writes => Volatile.Read(ref _writes);

    /// <summary>When set, every read of this kind fails.</summary>
    public string? BrokenType { get; set; }

    public ValueTask<Outcome<Resource>> Get(ResourceRef reference, CancellationToken cancellation = default) =>
        reference.Type == BrokenType ? ValueTask.FromResult<Outcome<Resource>>(new Fault.Unavailable("the disk is full")) : inner.Get(reference, cancellation);

    public ValueTask<Outcome<IReadOnlyList<Resource>>> List(KindRef kind, ResourceQuery query, CancellationToken cancellation = default) =>
        inner.List(kind, query, cancellation);

    public async ValueTask<Outcome<Resource>> Create(Resource resource, string owner = "", CancellationToken cancellation = default) =>
        Count(await inner.Create(resource, owner, cancellation));

    public async ValueTask<Outcome<Resource>> Update(
        Resource resource, string owner = "", Phase? expectedPhase = Phase.Running, CancellationToken cancellation = default) =>
        Count(await inner.Update(resource, owner, expectedPhase, cancellation));

    public async ValueTask<Outcome<Resource>> Teardown(ResourceRef reference, string owner = "", CancellationToken cancellation = default) =>
        Count(await inner.Teardown(reference, owner, cancellation));

    public async ValueTask<Outcome<Resource>> Destroy(ResourceRef reference, string owner = "", CancellationToken cancellation = default) =>
        Count(await inner.Destroy(reference, owner, cancellation));

    public Outcome<IWatch> Watch(ResourceRef reference, WatchOptions options) => inner.Watch(reference, options);

    public Outcome<IWatch> WatchKind(KindRef kind, ResourceQuery query, WatchOptions options) => inner.WatchKind(kind, query, options);

    private Outcome<Resource> Count(Outcome<Resource> outcome)
    {
        if (outcome.Fault is null)
        {
            Interlocked.Increment(ref _writes);
        }

        return outcome;
    }
}
