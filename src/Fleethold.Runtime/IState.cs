using Fleethold.Resources;
using Fleethold.Resources.Queries;

namespace Fleethold.Runtime;

/// <summary>
/// The state contract: all resources, with optimistic concurrency, ownership and watches, exactly as COSI has them
/// (reference/resources.md 1, 2.5 to 2.7).
/// <list type="bullet">
/// <item>Guarantee: a write is acknowledged only when it is durable; reads and watches show only what is durable (ephemeral kinds: what is applied).</item>
/// <item>Ordering: writes of one kind are totally ordered, and every watch of that kind sees them in that order, without gap or duplicate.</item>
/// <item>Cancellation: cancelling a write stops the waiting, not necessarily the write; whether it happened must be read.</item>
/// <item>Failure: what can be expected comes back as a <see cref="Fault"/>; exceptions are bugs.</item>
/// </list>
/// Safe for use by any number of threads.
/// </summary>
public interface IState
{
    /// <summary>One resource, or <see cref="Fault.NotFound"/>.</summary>
    ValueTask<Outcome<Resource>> Get(ResourceRef reference, CancellationToken cancellation = default);

    /// <summary>All resources of a kind that a query covers, as of one moment, ordered by id (by code point).</summary>
    ValueTask<Outcome<IReadOnlyList<Resource>>> List(KindRef kind, ResourceQuery query, CancellationToken cancellation = default);

    /// <summary>
    /// Stores a new resource with version 1, <paramref name="owner"/> and the present as its creation time; the update time, phase and
    /// the rest stay as given.
    /// Faults: <see cref="Fault.AlreadyExists"/>, <see cref="Fault.OwnerConflict"/> when the resource names another owner, <see cref="Fault.Unavailable"/>.
    /// </summary>
    /// <param name="resource">The resource; its version is ignored.</param>
    /// <param name="owner">The controller that writes; empty for people.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>The resource as stored.</returns>
    ValueTask<Outcome<Resource>> Create(Resource resource, string owner = "", CancellationToken cancellation = default);

    /// <summary>
    /// Replaces a resource. Checked in this order: it exists (<see cref="Fault.NotFound"/>), its owner is <paramref name="owner"/>
    /// (<see cref="Fault.OwnerConflict"/>), its version is the one that <paramref name="resource"/> was read with (<see cref="Fault.VersionConflict"/>),
    /// its phase is the expected one (<see cref="Fault.PhaseConflict"/>). The stored resource keeps its creation time and owner, its version is one higher.
    /// </summary>
    /// <param name="resource">The new content, with the version it was read with.</param>
    /// <param name="owner">The controller that writes; empty for people.</param>
    /// <param name="expectedPhase">The phase that the stored resource must be in; null for any.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>The resource as stored.</returns>
    ValueTask<Outcome<Resource>> Update(Resource resource, string owner = "", Phase? expectedPhase = Phase.Running, CancellationToken cancellation = default);

    /// <summary>
    /// Asks for the removal of a resource: sets its phase. Repeating it changes nothing.
    /// Faults: <see cref="Fault.NotFound"/>, <see cref="Fault.OwnerConflict"/>.
    /// </summary>
    /// <returns>The resource as stored now; when it has no finalizers it is ready to be destroyed.</returns>
    ValueTask<Outcome<Resource>> Teardown(ResourceRef reference, string owner = "", CancellationToken cancellation = default);

    /// <summary>
    /// Removes a resource. Checked in this order: it exists, its owner, that it has no finalizers (<see cref="Fault.PendingFinalizers"/>).
    /// It needs not be torn down first.
    /// </summary>
    /// <returns>The last content.</returns>
    ValueTask<Outcome<Resource>> Destroy(ResourceRef reference, string owner = "", CancellationToken cancellation = default);

    /// <summary>
    /// Watches one resource. The first event is its present state: Created with the resource, or Destroyed with a tombstone;
    /// not when the options start elsewhere. Faults: <see cref="Fault.InvalidBookmark"/>, <see cref="Fault.Unsupported"/>, <see cref="Fault.Invalid"/>.
    /// </summary>
    Outcome<IWatch> Watch(ResourceRef reference, WatchOptions options);

    /// <summary>
    /// Watches all resources of a kind that a query covers. A resource that leaves the query is Destroyed for this watch, one that enters is Created.
    /// Faults as for one resource.
    /// </summary>
    Outcome<IWatch> WatchKind(KindRef kind, ResourceQuery query, WatchOptions options);
}
