using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Google.Protobuf;

namespace Fleethold.Runtime.Controllers;

/// <summary>
/// What a controller may read: the kinds that it declared. Reads go to the state, never to a cache: they show every acknowledged write,
/// and may be newer than the change that woke the item.
/// </summary>
public class ControllerReader
{
    private readonly ControllerRun _run;

    private protected ControllerReader(ControllerRun run) => _run = run;

    internal static ControllerReader For(ControllerRun run) => new(run);

    /// <summary>The controller's name.</summary>
    public string Name => _run.Controller.Name;

    /// <summary>The engine's clock.</summary>
    public TimeProvider Clock => _run.Clock;

    private protected ControllerRun Run => _run;

    private protected IState State => _run.State;

    /// <summary>One resource, or <see cref="Fault.NotFound"/>.</summary>
    /// <exception cref="UndeclaredAccessException">The kind isn't declared.</exception>
    public async ValueTask<Outcome<Resource<TSpec>>> Get<TSpec>(ResourceKind<TSpec> kind, string id, CancellationToken cancellation = default)
        where TSpec : class, IMessage<TSpec>, new()
    {
        var outcome = await Get(kind.Named(id), cancellation);
        return outcome.Succeeded(out var resource, out var fault) ? (Resource<TSpec>)resource : fault;
    }

    /// <summary>One resource, or <see cref="Fault.NotFound"/>.</summary>
    /// <exception cref="UndeclaredAccessException">The kind isn't declared.</exception>
    public ValueTask<Outcome<Resource>> Get(ResourceRef reference, CancellationToken cancellation = default)
    {
        CountRead(reference.Kind);
        return State.Get(reference, cancellation);
    }

    /// <summary>All resources of a kind that a query covers, ordered by id (ordinal).</summary>
    /// <exception cref="UndeclaredAccessException">The kind isn't declared.</exception>
    /// <exception cref="FaultException">The state can't be read; the item fails with this fault.</exception>
    public async ValueTask<IReadOnlyList<Resource<TSpec>>> List<TSpec>(
        ResourceKind<TSpec> kind, ResourceQuery? query = null, CancellationToken cancellation = default)
        where TSpec : class, IMessage<TSpec>, new()
    {
        CountRead(kind.Ref);
        var listed = (await State.List(kind.Ref, query ?? ResourceQuery.All, cancellation)).Value;
        var typed = new Resource<TSpec>[listed.Count];
        for (var index = 0; index < typed.Length; index++)
        {
            typed[index] = (Resource<TSpec>)listed[index];
        }

        return typed;
    }

    private protected void CountRead(KindRef kind)
    {
        if (!_run.MayRead(kind))
        {
            throw new UndeclaredAccessException($"controller {Name} reads {kind} without declaring it: add it to the declaration");
        }

        _run.Counters.CountRead();
    }
}

/// <summary>A controller did what its declaration doesn't allow: a bug of the controller.</summary>
public sealed class UndeclaredAccessException(string message) : Exception(message);
