using System.Runtime.CompilerServices;
using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Google.Protobuf;

namespace Fleethold.Runtime;

/// <summary>What readers and writers of a state do often, made from the contract alone.</summary>
public static class StateExtensions
{
    /// <summary>One resource of a kind, typed, from its default namespace.</summary>
    public static async ValueTask<Outcome<Resource<TSpec>>> Get<TSpec>(
        this IState state, ResourceKind<TSpec> kind, string id, CancellationToken cancellation = default)
        where TSpec : class, IMessage<TSpec>, new()
    {
        var outcome = await state.Get(kind.Named(id), cancellation);
        return outcome.Succeeded(out var resource, out var fault) ? (Resource<TSpec>)resource : fault;
    }

    /// <summary>All resources of a kind, typed, from its default namespace.</summary>
    public static async ValueTask<IReadOnlyList<Resource<TSpec>>> List<TSpec>(
        this IState state, ResourceKind<TSpec> kind, ResourceQuery? query = null, CancellationToken cancellation = default)
        where TSpec : class, IMessage<TSpec>, new() =>
        [.. (await state.List(kind.Ref, query ?? ResourceQuery.All, cancellation)).Value.Cast<Resource<TSpec>>()];

    /// <summary>
    /// Reads, changes and updates; reads again after a version conflict, as often as it takes. An unchanged resource is not written.
    /// </summary>
    /// <param name="state">The state.</param>
    /// <param name="reference">The resource.</param>
    /// <param name="change">Makes the new content; may be called several times.</param>
    /// <param name="owner">The controller that writes; empty for people.</param>
    /// <param name="expectedPhase">The phase that the stored resource must be in; null for any.</param>
    /// <param name="cancellation">Stops the retries.</param>
    public static async ValueTask<Outcome<Resource>> Modify(
        this IState state,
        ResourceRef reference,
        Func<Resource, Resource> change,
        string owner = "",
        Phase? expectedPhase = Phase.Running,
        CancellationToken cancellation = default)
    {
        while (true)
        {
            var read = await state.Get(reference, cancellation);
            if (!read.Succeeded(out var present, out var fault))
            {
                return fault;
            }

            var wanted = change(present);
            if (wanted.SameAs(present))
            {
                return Outcome<Resource>.Of(present);
            }

            var written = await state.Update(wanted, owner, expectedPhase, cancellation);
            if (written.Fault is not Fault.VersionConflict)
            {
                return written;
            }

            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Adds a finalizer to a running resource, whoever owns it. Faults: not found, phase conflict when it is being torn down.</summary>
    public static async ValueTask<Outcome<Resource>> AddFinalizer(
        this IState state, ResourceRef reference, string finalizer, CancellationToken cancellation = default) =>
        await state.ChangeFinalizers(reference, metadata => metadata.WithFinalizer(finalizer), Phase.Running, cancellation);

    /// <summary>Removes a finalizer from a resource in any phase, whoever owns it. A resource that is gone is no fault.</summary>
    public static async ValueTask<Fault?> RemoveFinalizer(
        this IState state, ResourceRef reference, string finalizer, CancellationToken cancellation = default)
    {
        var outcome = await state.ChangeFinalizers(reference, metadata => metadata.WithoutFinalizer(finalizer), null, cancellation);
        return outcome.Fault is Fault.NotFound ? null : outcome.Fault;
    }

    /// <summary>
    /// Tears down, waits until all finalizers are gone, and destroys. If somebody else destroys the resource meanwhile, that is success.
    /// </summary>
    /// <returns>Null on success, or why it failed.</returns>
    public static async ValueTask<Fault?> TeardownAndDestroy(
        this IState state, ResourceRef reference, string owner = "", CancellationToken cancellation = default)
    {
        var torn = await state.Teardown(reference, owner, cancellation);
        if (torn.Fault is not null)
        {
            return torn.Fault;
        }

        var watching = state.Watch(reference, WatchOptions.FromNow);
        if (!watching.Succeeded(out var watch, out var fault))
        {
            return fault;
        }

        using (watch)
        {
            await foreach (var change in watch.ReadAll(cancellation))
            {
                if (change.Type is EventType.Destroyed)
                {
                    return null;
                }

                if (change.Type is EventType.Created or EventType.Updated && change.Resource.Metadata.Finalizers.IsEmpty)
                {
                    var destroyed = await state.Destroy(reference, owner, cancellation);
                    if (destroyed.Fault is not Fault.PendingFinalizers)
                    {
                        return destroyed.Fault is Fault.NotFound ? null : destroyed.Fault;
                    }
                }
            }
        }

        throw new OperationCanceledException(cancellation);
    }

    /// <summary>All events of a watch, as they come, until cancelled.</summary>
    public static async IAsyncEnumerable<StateEvent> ReadAll(this IWatch watch, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            var events = watch.TakeAvailable(256);
            foreach (var one in events)
            {
                yield return one;
            }

            if (events.Count == 0)
            {
                await watch.WaitAsync(cancellation);
            }
        }
    }

    private static async ValueTask<Outcome<Resource>> ChangeFinalizers(
        this IState state, ResourceRef reference, Func<Metadata, Metadata> change, Phase? expectedPhase, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await state.Get(reference, cancellation);
            if (!read.Succeeded(out var present, out var fault))
            {
                return fault;
            }

            var metadata = change(present.Metadata);
            if (ReferenceEquals(metadata, present.Metadata))
            {
                return Outcome<Resource>.Of(present);
            }

            // Finalizers don't change the owner: the write is made in the owner's name.
            var written = await state.Update(present.With(metadata), present.Metadata.Owner, expectedPhase, cancellation);
            if (written.Fault is not Fault.VersionConflict)
            {
                return written;
            }

            cancellation.ThrowIfCancellationRequested();
        }
    }
}
