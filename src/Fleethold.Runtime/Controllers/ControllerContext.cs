using Fleethold.Resources;
using Google.Protobuf;

namespace Fleethold.Runtime.Controllers;

/// <summary>How far a removal got.</summary>
public enum Removal
{
    /// <summary>The resource isn't there any more.</summary>
    Gone,

    /// <summary>It is torn down and waits for the finalizers of others. The item is woken when they are gone, where the output's items are declared.</summary>
    Waiting,
}

/// <summary>
/// What one reconcile call may do. Outputs are written in the controller's name, and only kinds that are declared. A write that changes nothing is
/// left out. The controller's own writes don't wake the item that made them.
/// </summary>
public sealed class ControllerContext : ControllerReader
{
    internal ControllerContext(ControllerRun run, ResourceRef item)
        : base(run) => Item = item;

    /// <summary>The item that is reconciled: a resource of a primary kind, there or not, or a fixed item without namespace and type.</summary>
    public ResourceRef Item { get; }

    /// <summary>Creates an output or changes the one that is there, when the draft differs from it.</summary>
    /// <param name="kind">A declared output kind.</param>
    /// <param name="id">The output's id.</param>
    /// <param name="change">Makes the draft what the output should be.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>
    /// The output as stored. Faults: those of create and update; a conflict means that somebody was faster, and returning it retries at once.
    /// </returns>
    /// <exception cref="UndeclaredAccessException">The kind isn't a declared output.</exception>
    public async ValueTask<Outcome<Resource<TSpec>>> Write<TSpec>(
        ResourceKind<TSpec> kind, string id, Action<OutputDraft<TSpec>> change, CancellationToken cancellation = default)
        where TSpec : class, IMessage<TSpec>, new()
    {
        DemandWrite(kind.Ref);
        var reference = kind.Named(id);
        Run.Counters.CountRead();
        var read = await State.Get(reference, cancellation);
        if (!read.Succeeded(out var present, out var fault) && fault is not Fault.NotFound)
        {
            return fault;
        }

        var draft = new OutputDraft<TSpec>(reference, (Resource<TSpec>?)present);
        change(draft);
        return await Write(draft, cancellation);
    }

    /// <summary>Tears an output down and destroys it once it has no finalizers. It doesn't wait: the outcome says how far it got.</summary>
    /// <returns>Faults: those of teardown and destroy.</returns>
    /// <exception cref="UndeclaredAccessException">The kind isn't a declared output.</exception>
    public async ValueTask<Outcome<Removal>> Remove(ResourceRef output, CancellationToken cancellation = default)
    {
        DemandWrite(output.Kind);
        Run.Counters.CountRead();
        var read = await State.Get(output, cancellation);
        return read.Succeeded(out var present, out var fault) ? await Remove(present, cancellation)
            : fault is Fault.NotFound ? Removal.Gone
            : fault;
    }

    /// <summary>
    /// As <see cref="Remove(ResourceRef, CancellationToken)"/>, for a resource that belongs to nobody: what people or the doors of the server made, and
    /// what nobody needs any more. One that is somebody's stays, and that is <see cref="Removal.Gone"/> too: it isn't this controller's to remove.
    /// </summary>
    /// <exception cref="UndeclaredAccessException">The kind isn't a declared output.</exception>
    public async ValueTask<Outcome<Removal>> RemoveUnowned(ResourceRef output, CancellationToken cancellation = default)
    {
        DemandWrite(output.Kind);
        Run.Counters.CountRead();
        var read = await State.Get(output, cancellation);
        return read.Succeeded(out var present, out var fault) ? present.Metadata.Owner.Length == 0 ? await RemoveAs("", present, cancellation) : Removal.Gone
            : fault is Fault.NotFound ? Removal.Gone
            : fault;
    }

    /// <summary>Creates a resource that belongs to nobody, unless there is one of its name.</summary>
    /// <returns>Faults: those of create, but that it is there.</returns>
    /// <exception cref="UndeclaredAccessException">The kind isn't a declared output.</exception>
    public async ValueTask<Fault?> CreateUnowned<TSpec>(ResourceKind<TSpec> kind, Resource<TSpec> resource, CancellationToken cancellation = default)
        where TSpec : class, IMessage<TSpec>, new()
    {
        DemandWrite(kind.Ref);
        var created = await Echoing(resource.Ref, ResourceVersion.First, state => state.Create(New(resource), "", cancellation));
        return created.Fault is Fault.AlreadyExists ? null : created.Fault;
    }

    /// <summary>Puts the controller's finalizer on an input. Faults: a phase conflict when it is in teardown, not found, a version conflict.</summary>
    /// <param name="input">The input as read; the finalizer isn't added when it changed since.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>The input as stored.</returns>
    public ValueTask<Outcome<Resource>> AddFinalizer(Resource input, CancellationToken cancellation = default) =>
        ChangeFinalizers(input, input.Metadata.WithFinalizer(Name), Phase.Running, cancellation);

    /// <summary>Takes the controller's finalizer off an input in any phase. Faults: not found, a version conflict.</summary>
    /// <param name="input">The input as read; nothing happens when it changed since.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>The input as stored.</returns>
    public ValueTask<Outcome<Resource>> RemoveFinalizer(Resource input, CancellationToken cancellation = default) =>
        ChangeFinalizers(input, input.Metadata.WithoutFinalizer(Name), null, cancellation);

    internal async ValueTask<Outcome<Resource<TSpec>>> Write<TSpec>(OutputDraft<TSpec> draft, CancellationToken cancellation)
        where TSpec : class, IMessage<TSpec>, new()
    {
        if (!draft.Differs)
        {
            return draft.Present!;
        }

        var resource = draft.ToResource();
        var outcome = draft.Present is { Metadata: var present }
            ? await Echoing(resource.Ref, present.Version.Next(), state => state.Update(resource, Name, Phase.Running, cancellation))
            : await Echoing(resource.Ref, ResourceVersion.First, state => state.Create(New(resource), Name, cancellation));
        return outcome.Succeeded(out var written, out var fault) ? (Resource<TSpec>)written : fault;
    }

    private Resource New(Resource resource) => resource.With(resource.Metadata.WrittenAt(Instant.Now(Run.Clock)));

    internal async ValueTask<Outcome<Removal>> Remove(Resource present, CancellationToken cancellation)
    {
        return present.Metadata.Owner == Name ? await RemoveAs(Name, present, cancellation) : new Fault.OwnerConflict(present.Metadata, present.Metadata.Owner);
    }

    private async ValueTask<Outcome<Removal>> RemoveAs(string owner, Resource present, CancellationToken cancellation)
    {
        if (present.Metadata.Phase is Phase.Running)
        {
            var next = present.Metadata.Version.Next();
            var torn = await Echoing(present.Ref, next, state => state.Teardown(present.Ref, owner, cancellation));
            if (!torn.Succeeded(out var now, out var fault))
            {
                return fault is Fault.NotFound ? Removal.Gone : fault;
            }

            if (now.Metadata.Version != next)
            {
                // Somebody changed it in between, and that change may be taken for ours: look again rather than rely on an event.
                Run.ForgetEcho(present.Ref, next);
                Run.Enqueue(Item);
            }

            present = now;
        }

        if (!present.Metadata.Finalizers.IsEmpty)
        {
            return Removal.Waiting;
        }

        var destroyed = await Echoing(present.Ref, default, state => state.Destroy(present.Ref, owner, cancellation));
        return destroyed.Fault switch
        {
            null or Fault.NotFound => Removal.Gone,
            Fault.PendingFinalizers => Removal.Waiting,
            var other => other,
        };
    }

    internal async ValueTask<Reconciled> DestroyItem(CancellationToken cancellation)
    {
        Run.Counters.CountRead();
        var read = await State.Get(Item, cancellation);
        if (read.Fault is null or Fault.NotFound
            && (read.Fault is not null || read.Value.Metadata is not { Phase: Phase.TearingDown, Owner: "", Finalizers.IsEmpty: true }))
        {
            return Reconciled.Done;
        }

        if (read.Fault is { } failed)
        {
            return failed;
        }

        var destroyed = await Echoing(Item, default, state => state.Destroy(Item, "", cancellation));
        return destroyed.Fault is null or Fault.NotFound or Fault.PendingFinalizers ? Reconciled.Done : destroyed.Fault;
    }

    private async ValueTask<Outcome<Resource>> ChangeFinalizers(
        Resource input, Metadata wanted, Phase? expectedPhase, CancellationToken cancellation)
    {
        CountRead(input.Ref.Kind);
        return ReferenceEquals(wanted, input.Metadata)
            ? input
            : await Echoing(
                input.Ref,
                input.Metadata.Version.Next(),
                state => state.Update(input.With(wanted), input.Metadata.Owner, expectedPhase, cancellation));
    }

    /// <summary>
    /// Makes a write whose event, known by the version that it will have, doesn't wake this item: what it wrote itself it knows.
    /// Noted before the write, as the event may come before the answer.
    /// </summary>
    private async ValueTask<Outcome<Resource>> Echoing(ResourceRef reference, ResourceVersion version, Func<IState, ValueTask<Outcome<Resource>>> write)
    {
        Run.Counters.CountWrite();
        Run.ExpectEcho(reference, version, Item);
        var written = false;
        try
        {
            var outcome = await write(State);
            written = outcome.Fault is null;
            return outcome;
        }
        finally
        {
            if (!written)
            {
                Run.ForgetEcho(reference, version);
            }
        }
    }

    private void DemandWrite(KindRef kind)
    {
        if (!Run.MayWrite(kind))
        {
            throw new UndeclaredAccessException($"controller {Name} writes {kind} without declaring it as an output: add it to the declaration");
        }
    }
}
