using System.Collections.Immutable;
using Fleethold.Resources;
using Google.Protobuf;

namespace Fleethold.Runtime.Controllers;

/// <summary>A transform in the making. Each method gives a new declaration; <c>Do</c> ends it.</summary>
/// <typeparam name="TIn">The spec of the input.</typeparam>
/// <typeparam name="TOut">The spec of the output.</typeparam>
public sealed record TransformDeclaration<TIn, TOut>
    where TIn : class, IMessage<TIn>, new()
    where TOut : class, IMessage<TOut>, new()
{
    private readonly string _name;

    internal TransformDeclaration(string name, ResourceKind<TIn> input, ResourceKind<TOut> output) =>
        (_name, Input, Output) = (name, input, output);

    internal ResourceKind<TIn> Input { get; }

    internal ResourceKind<TOut> Output { get; }

    /// <summary>Null when input and output have the same id.</summary>
    internal Func<Metadata, string?>? OutputOf { get; private init; }

    internal Func<Metadata, string?>? InputOf { get; private init; }

    internal Func<ControllerContext, Resource<TIn>, CancellationToken, ValueTask<Reconciled>>? Teardown { get; private init; }

    internal ImmutableArray<string>? IgnoredUntil { get; private init; }

    internal ImmutableArray<string> IgnoredWhile { get; private init; } = [];

    private ImmutableList<ControllerInput> Inputs { get; init; } = [];

    private ImmutableList<ControllerOutput> Outputs { get; init; } = [];

    private OutputUse OutputUse { get; init; } = OutputUse.Exclusive;

    private int Concurrency { get; init; } = 16;

    private TimeSpan? Interval { get; init; }

    private BackoffPolicy Backoff { get; init; } = BackoffPolicy.Default;

    /// <summary>The output has another id than the input. Both ways must fit together and give the same answer for the life of the input.</summary>
    /// <param name="outputOf">From an input's metadata to the output's id; null when this input has no output.</param>
    /// <param name="inputOf">From an output's metadata to the input's id; null when it has none.</param>
    public TransformDeclaration<TIn, TOut> WithOutputId(Func<Metadata, string?> outputOf, Func<Metadata, string?> inputOf) =>
        this with { OutputOf = outputOf, InputOf = inputOf };

    /// <summary>A change of the kind wakes items. Both the old and the new state are mapped.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="mapToInput">From its metadata to ids of inputs; see <see cref="Map"/>.</param>
    /// <param name="wake">Which changes count.</param>
    public TransformDeclaration<TIn, TOut> AlsoReads(
        ResourceKind kind, Func<Metadata, IEnumerable<string>> mapToInput, WakeOn wake = WakeOn.Content) =>
        this with { Inputs = Inputs.Add(new(kind, InputUse.Mapped, wake) { Map = mapToInput }) };

    /// <summary>As above, with a mapping that reads.</summary>
    public TransformDeclaration<TIn, TOut> AlsoReads(
        ResourceKind kind, Func<ControllerReader, Resource, CancellationToken, ValueTask<IEnumerable<string>>> mapToInput, WakeOn wake = WakeOn.Content) =>
        this with { Inputs = Inputs.Add(new(kind, InputUse.Mapped, wake) { MapAsync = mapToInput }) };

    /// <summary>Allows to read the kind; its changes wake nobody.</summary>
    public TransformDeclaration<TIn, TOut> LooksUp(ResourceKind kind) => this with { Inputs = Inputs.Add(new(kind, InputUse.Lookup)) };

    /// <summary>Allows to write a second kind; nobody else may. What is written there must be removed in <see cref="OnTeardown"/>.</summary>
    public TransformDeclaration<TIn, TOut> AlsoWrites(ResourceKind kind, Func<Metadata, IEnumerable<string>>? itemsOf = null) =>
        this with { Outputs = Outputs.Add(new(kind, OutputUse.Exclusive) { ItemsOf = itemsOf }) };

    /// <summary>Allows to write a second kind, as others may who declare the same.</summary>
    public TransformDeclaration<TIn, TOut> AlsoWritesShared(ResourceKind kind, Func<Metadata, IEnumerable<string>>? itemsOf = null) =>
        this with { Outputs = Outputs.Add(new(kind, OutputUse.Shared) { ItemsOf = itemsOf }) };

    /// <summary>Others write the output's kind too; each owns the resources that it created.</summary>
    public TransformDeclaration<TIn, TOut> SharesOutput() => this with { OutputUse = OutputUse.Shared };

    /// <summary>
    /// What must be done when an input is torn down, before the output goes. It may be called several times. A fault or a requeue
    /// keeps output and finalizer for now.
    /// </summary>
    public TransformDeclaration<TIn, TOut> OnTeardown(Func<ControllerContext, Resource<TIn>, CancellationToken, ValueTask<Reconciled>> hook) =>
        this with { Teardown = hook };

    /// <summary>
    /// Goes on with an input in teardown as if it were running, until no finalizers but its own and these are left.
    /// Used for outputs that must outlive all workers (reference/controllers.md 1.1).
    /// </summary>
    public TransformDeclaration<TIn, TOut> IgnoresTeardownUntil(params ImmutableArray<string> finalizers) => this with { IgnoredUntil = finalizers };

    /// <summary>Goes on with an input in teardown as if it were running, while it has any of these finalizers.</summary>
    public TransformDeclaration<TIn, TOut> IgnoresTeardownWhile(params ImmutableArray<string> finalizers) => this with { IgnoredWhile = finalizers };

    /// <summary>How many items are reconciled at once; 16 when not said. Those that wait for the store count, but hold no thread.</summary>
    public TransformDeclaration<TIn, TOut> WithConcurrency(int concurrency) => this with { Concurrency = concurrency };

    /// <summary>Reconciles all items in an interval too.</summary>
    public TransformDeclaration<TIn, TOut> Every(TimeSpan interval) => this with { Interval = interval };

    /// <summary>How long failed items wait.</summary>
    public TransformDeclaration<TIn, TOut> WithBackoff(BackoffPolicy backoff) => this with { Backoff = backoff };

    /// <summary>Ends the declaration.</summary>
    /// <param name="transform">
    /// Makes the output what it should be. It is written afterwards when it differs. The token ends when the engine stops and won't wait any longer.
    /// </param>
    public Controller Do(Func<ControllerContext, Resource<TIn>, OutputDraft<TOut>, CancellationToken, ValueTask<Reconciled>> transform)
    {
        var reconciler = new TransformReconciler<TIn, TOut>(_name, this, transform);
        return new Controller(
            _name,
            Inputs.Insert(0, new ControllerInput(Input, InputUse.Primary) { Filter = reconciler.WakesFor }),
            Outputs.Insert(0, new ControllerOutput(Output, OutputUse) { ItemsOf = reconciler.ItemsOf }),
            reconciler.Reconcile)
        {
            Concurrency = Concurrency,
            Interval = Interval,
            Backoff = Backoff,
            IsTransform = true,
        };
    }

    /// <summary>As above, for transforms that always succeed.</summary>
    public Controller Do(Func<ControllerContext, Resource<TIn>, OutputDraft<TOut>, CancellationToken, ValueTask> transform) =>
        Do(async (context, input, output, cancellation) =>
        {
            await transform(context, input, output, cancellation);
            return Reconciled.Done;
        });

    /// <summary>As above, for transforms of the input alone.</summary>
    public Controller Do(Action<Resource<TIn>, OutputDraft<TOut>> transform) =>
        Do((_, input, output, _) =>
        {
            transform(input, output);
            return ValueTask.FromResult(Reconciled.Done);
        });
}
