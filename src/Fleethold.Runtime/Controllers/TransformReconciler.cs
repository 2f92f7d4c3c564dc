using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Google.Protobuf;

namespace Fleethold.Runtime.Controllers;

/// <summary>
/// The life of one input and its output (reference/controllers.md 1.1). Between any two writes the process may die: every step is decided
/// from what is stored, and the finalizer is on the input before there is an output.
/// </summary>
internal sealed class TransformReconciler<TIn, TOut>(
    string name,
    TransformDeclaration<TIn, TOut> declaration,
    Func<ControllerContext, Resource<TIn>, OutputDraft<TOut>, CancellationToken, ValueTask<Reconciled>> transform)
    where TIn : class, IMessage<TIn>, new()
    where TOut : class, IMessage<TOut>, new()
{
    private readonly bool _ignoresTeardown = declaration.IgnoredUntil is not null || !declaration.IgnoredWhile.IsEmpty;

    /// <summary>An input that is gone had no finalizer of ours, so it had no output either; what was left behind is found at start.</summary>
    public bool WakesFor(StateEvent change)
    {
        if (change.Type is EventType.Destroyed)
        {
            return false;
        }

        var metadata = change.Resource.Metadata;
        var isOurs = metadata.Finalizers.Contains(name);
        if (metadata.Phase is Phase.TearingDown && !isOurs)
        {
            return change.Old?.Metadata.Finalizers.Contains(name) ?? true;
        }

        return !change.ChangesFinalizersOnly()
            || (!isOurs && change.Old!.Metadata.Finalizers.Contains(name))
            || (metadata.Phase is Phase.TearingDown && _ignoresTeardown);
    }

    public IEnumerable<string> ItemsOf(Metadata output) =>
        declaration.InputOf is null ? [output.Id] : declaration.InputOf(output) is { } id ? [id] : [];

    public async ValueTask<Reconciled> Reconcile(ControllerContext context, CancellationToken cancellation)
    {
        var read = await context.Get(context.Item, cancellation);
        if (!read.Succeeded(out var resource, out var fault))
        {
            return fault is Fault.NotFound ? await RemoveOrphans(context, cancellation) : fault;
        }

        var input = (Resource<TIn>)resource;
        if (!IsWanted(input.Metadata))
        {
            return await TearDown(context, input, cancellation);
        }

        if (OutputOf(input.Metadata) is not { } outputId)
        {
            return Holds(input.Metadata) ? await TearDown(context, input, cancellation) : Reconciled.Done;
        }

        var (present, stop) = await ReadOutput(context, outputId, cancellation);
        if (stop is { } reason)
        {
            return reason;
        }

        if (!Holds(input.Metadata))
        {
            var held = await context.AddFinalizer(input, cancellation);
            if (!held.Succeeded(out var withFinalizer, out fault))
            {
                return fault;
            }

            input = (Resource<TIn>)withFinalizer;
        }

        var draft = new OutputDraft<TOut>(declaration.Output.Named(outputId), present);
        var result = await transform(context, input, draft, cancellation);
        if (result.Fault is not null || result.Skips)
        {
            return result;
        }

        if (result.DestroysOutput)
        {
            return present is not null && (await context.Remove(present, cancellation)).Fault is { } notRemoved ? notRemoved : result;
        }

        return (await context.Write(draft, cancellation)).Fault ?? result;
    }

    private async ValueTask<(Resource<TOut>? Present, Reconciled? Stop)> ReadOutput(
        ControllerContext context, string outputId, CancellationToken cancellation)
    {
        var read = await context.Get(declaration.Output, outputId, cancellation);
        if (!read.Succeeded(out var present, out var fault))
        {
            return (null, fault is Fault.NotFound ? default(Reconciled?) : fault);
        }

        if (present.Metadata.Owner != name)
        {
            return (null, new Fault.OwnerConflict(present.Metadata, present.Metadata.Owner));
        }

        if (present.Metadata.Phase is Phase.Running)
        {
            return (present, null);
        }

        // The output of a former input of the same name, or one that wasn't wanted for a while: it must go before a new one can come.
        var removed = await context.Remove(present, cancellation);
        if (!removed.Succeeded(out var removal, out fault))
        {
            return (null, fault);
        }

        return (null, removal is Removal.Gone ? default(Reconciled?) : Reconciled.Done);
    }

    private async ValueTask<Reconciled> TearDown(ControllerContext context, Resource<TIn> input, CancellationToken cancellation)
    {
        if (!Holds(input.Metadata))
        {
            return await RemoveOrphans(context, cancellation);
        }

        var told = declaration.Teardown is { } hook ? await hook(context, input, cancellation) : Reconciled.Done;
        if (told.Fault is not null || told.Again is not null)
        {
            return told;
        }

        var outputId = OutputOf(input.Metadata);
        var removed = outputId is null
            ? await RemoveOutputsOf(context, cancellation)
            : await context.Remove(declaration.Output.Named(outputId), cancellation);
        if (!removed.Succeeded(out var removal, out var fault))
        {
            // An output of the same name that is somebody else's was never this input's.
            if (fault is not Fault.OwnerConflict)
            {
                return fault;
            }
        }
        else if (removal is Removal.Waiting)
        {
            return Reconciled.Done;
        }

        var released = await context.RemoveFinalizer(input, cancellation);
        return released.Fault is null or Fault.NotFound ? Reconciled.Done : released.Fault;
    }

    /// <summary>The input is gone, or in teardown without our finalizer, which somebody took away: an output that is still there goes too.</summary>
    private async ValueTask<Reconciled> RemoveOrphans(ControllerContext context, CancellationToken cancellation)
    {
        var removed = await RemoveOutputsOf(context, cancellation);
        return removed.Fault is null or Fault.OwnerConflict ? Reconciled.Done : removed.Fault;
    }

    private async ValueTask<Outcome<Removal>> RemoveOutputsOf(ControllerContext context, CancellationToken cancellation)
    {
        if (declaration.InputOf is null)
        {
            return await context.Remove(declaration.Output.Named(context.Item.Id), cancellation);
        }

        // Without the input only the way back is known. Rare enough to look at all outputs.
        var total = Removal.Gone;
        foreach (var output in await context.List(declaration.Output, ResourceQuery.All, cancellation))
        {
            if (output.Metadata.Owner == name && declaration.InputOf(output.Metadata) == context.Item.Id)
            {
                var removed = await context.Remove(output, cancellation);
                if (!removed.Succeeded(out var removal, out var fault))
                {
                    return fault;
                }

                total = removal is Removal.Waiting ? removal : total;
            }
        }

        return total;
    }

    private string? OutputOf(Metadata input) => declaration.OutputOf is null ? input.Id : declaration.OutputOf(input);

    private bool Holds(Metadata input) => input.Finalizers.Contains(name);

    /// <summary>Whether the input is to be treated as running.</summary>
    private bool IsWanted(Metadata input)
    {
        if (input.Phase is Phase.Running)
        {
            return true;
        }

        if (!_ignoresTeardown || !Holds(input))
        {
            return false;
        }

        foreach (var finalizer in input.Finalizers)
        {
            if (declaration.IgnoredWhile.Contains(finalizer)
                || (declaration.IgnoredUntil is { } until && finalizer != name && !until.Contains(finalizer)))
            {
                return true;
            }
        }

        return false;
    }
}
