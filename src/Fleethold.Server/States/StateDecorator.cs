using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;

namespace Fleethold.Server.States;

/// <summary>A view of a state. It passes everything on; what derives from it says what it restricts.</summary>
internal abstract class StateDecorator(IState inner) : IState
{
    /// <summary>The state behind.</summary>
    protected IState Inner { get; } = inner;

    public virtual ValueTask<Outcome<Resource>> Get(ResourceRef reference, CancellationToken cancellation = default) =>
        Inner.Get(reference, cancellation);

    public virtual ValueTask<Outcome<IReadOnlyList<Resource>>> List(KindRef kind, ResourceQuery query, CancellationToken cancellation = default) =>
        Inner.List(kind, query, cancellation);

    public virtual ValueTask<Outcome<Resource>> Create(Resource resource, string owner = "", CancellationToken cancellation = default) =>
        Inner.Create(resource, owner, cancellation);

    public virtual ValueTask<Outcome<Resource>> Update(
        Resource resource, string owner = "", Phase? expectedPhase = Phase.Running, CancellationToken cancellation = default) =>
        Inner.Update(resource, owner, expectedPhase, cancellation);

    public virtual ValueTask<Outcome<Resource>> Teardown(ResourceRef reference, string owner = "", CancellationToken cancellation = default) =>
        Inner.Teardown(reference, owner, cancellation);

    public virtual ValueTask<Outcome<Resource>> Destroy(ResourceRef reference, string owner = "", CancellationToken cancellation = default) =>
        Inner.Destroy(reference, owner, cancellation);

    public virtual Outcome<IWatch> Watch(ResourceRef reference, WatchOptions options) => Inner.Watch(reference, options);

    public virtual Outcome<IWatch> WatchKind(KindRef kind, ResourceQuery query, WatchOptions options) => Inner.WatchKind(kind, query, options);
}
