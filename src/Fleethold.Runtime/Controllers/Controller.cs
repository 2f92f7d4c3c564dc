using Fleethold.Resources;
using Google.Protobuf;

namespace Fleethold.Runtime.Controllers;

/// <summary>
/// A controller, as a value: what it reads and writes, and how one item is reconciled. The declarations of all controllers are the
/// dependency graph (<see cref="ControllerSet.Graph"/>). It does nothing by itself; a <see cref="ControllerEngine"/> runs it.
/// <list type="bullet">
/// <item>Ownership: outputs belong to the controller's name, and its finalizer on inputs is its name (reference/controllers.md 1.1).</item>
/// <item>Concurrency: one item is never reconciled twice at once, and never misses a change; different items run side by side.</item>
/// <item>Failure: a fault or an exception concerns its item alone, which is tried again with back-off.</item>
/// </list>
/// </summary>
public sealed class Controller
{
    internal Controller(string name, IReadOnlyList<ControllerInput> inputs, IReadOnlyList<ControllerOutput> outputs, ReconcileItem reconcile) =>
        (Name, Inputs, Outputs, Reconcile) = (name, inputs, outputs, reconcile);

    /// <summary>The name: owner of its outputs, finalizer on its inputs, label of its metrics. Never to be changed once data exists.</summary>
    public string Name { get; }

    /// <summary>Everything it reads.</summary>
    public IReadOnlyList<ControllerInput> Inputs { get; }

    /// <summary>Everything it writes.</summary>
    public IReadOnlyList<ControllerOutput> Outputs { get; }

    /// <summary>How many items are reconciled at once. Items that wait for the store count, but hold no thread.</summary>
    public int Concurrency { get; internal init; } = 1;

    /// <summary>How often all items are reconciled without a change; null for never.</summary>
    public TimeSpan? Interval { get; internal init; }

    /// <summary>Items that don't stand for a resource, reconciled at start and whenever they are mapped to.</summary>
    public IReadOnlyList<string> FixedItems { get; internal init; } = [];

    /// <summary>How long failed items wait.</summary>
    public BackoffPolicy Backoff { get; internal init; } = BackoffPolicy.Default;

    internal ReconcileItem Reconcile { get; }

    /// <summary>True when each output lives and dies with an input of the primary kind.</summary>
    internal bool IsTransform { get; init; }

    internal bool DestroysPrimary { get; init; }

    /// <summary>
    /// Declares a controller that derives one output from each input. It puts its finalizer on the input first; when the input is torn down,
    /// so is the output, and once that is destroyed the finalizer is removed.
    /// </summary>
    /// <param name="name">The controller's name.</param>
    /// <param name="input">The kind whose resources are the items.</param>
    /// <param name="output">The kind that is written; nobody else may, unless the declaration says so.</param>
    public static TransformDeclaration<TIn, TOut> Transform<TIn, TOut>(string name, ResourceKind<TIn> input, ResourceKind<TOut> output)
        where TIn : class, IMessage<TIn>, new()
        where TOut : class, IMessage<TOut>, new() => new(name, input, output);

    /// <summary>Declares a controller that reconciles items as it likes, within its declaration.</summary>
    public static QueueDeclaration Queue(string name) => new(name);

    /// <summary>
    /// A controller that destroys what nobody owns, is torn down and has no finalizers left: it turns a client's teardown into a removal
    /// (reference/resources.md 7.6). A client may destroy first; that is success too.
    /// </summary>
    public static Controller Destroyer(string name, ResourceKind kind) => new(
        name,
        [
            new ControllerInput(kind, InputUse.Primary)
            {
                Filter = static change => change.IsDestroyReady() && change.Resource.Metadata.Owner.Length == 0,
            },
        ],
        [],
        static (context, cancellation) => context.DestroyItem(cancellation))
    {
        Concurrency = 4,
        DestroysPrimary = true,
    };

    /// <summary>The kinds whose changes the controller is told.</summary>
    internal IEnumerable<KindRef> Watched() => Inputs
        .Where(static input => input.Use is not InputUse.Lookup)
        .Select(static input => input.Kind.Ref)
        .Concat(Outputs.Where(static output => output.ItemsOf is not null).Select(static output => output.Kind.Ref))
        .Distinct();

    /// <inheritdoc/>
    public override string ToString() => Name;
}

internal delegate ValueTask<Reconciled> ReconcileItem(ControllerContext context, CancellationToken cancellation);
