using System.Collections.Immutable;
using Fleethold.Resources;

namespace Fleethold.Runtime.Controllers;

/// <summary>
/// A queue controller in the making. Each method gives a new declaration; <see cref="Reconcile"/> ends it.
/// At start every item is reconciled once: resources of the primary kinds, fixed items, and items of outputs that it owns.
/// </summary>
public sealed record QueueDeclaration
{
    private readonly string _name;

    internal QueueDeclaration(string name) => _name = name;

    private ImmutableList<ControllerInput> Inputs { get; init; } = [];

    private ImmutableList<ControllerOutput> Outputs { get; init; } = [];

    private ImmutableList<string> Items { get; init; } = [];

    private int Concurrency { get; init; } = 1;

    private TimeSpan? Interval { get; init; }

    private BackoffPolicy Backoff { get; init; } = BackoffPolicy.Default;

    /// <summary>Each resource of the kind is an item. Every change wakes it, unless said otherwise; the controller's own changes don't.</summary>
    public QueueDeclaration Reads(ResourceKind primary, WakeOn wake = WakeOn.Anything) =>
        this with { Inputs = Inputs.Add(new(primary, InputUse.Primary, wake)) };

    /// <summary>A change of the kind wakes items of the first primary kind, or fixed ones. Both the old and the new state are mapped.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="map">From its metadata to ids of items; see <see cref="Map"/>.</param>
    /// <param name="wake">Which changes count.</param>
    public QueueDeclaration MapsFrom(ResourceKind kind, Func<Metadata, IEnumerable<string>> map, WakeOn wake = WakeOn.Content) =>
        this with { Inputs = Inputs.Add(new(kind, InputUse.Mapped, wake) { Map = map }) };

    /// <summary>As above, with a mapping that reads.</summary>
    public QueueDeclaration MapsFrom(
        ResourceKind kind, Func<ControllerReader, Resource, CancellationToken, ValueTask<IEnumerable<string>>> map, WakeOn wake = WakeOn.Content) =>
        this with { Inputs = Inputs.Add(new(kind, InputUse.Mapped, wake) { MapAsync = map }) };

    /// <summary>Allows to read the kind; its changes wake nobody.</summary>
    public QueueDeclaration LooksUp(ResourceKind kind) => this with { Inputs = Inputs.Add(new(kind, InputUse.Lookup)) };

    /// <summary>Allows to write the kind; nobody else may.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="itemsOf">From an output's metadata to ids of items: they are woken when the output changes behind the controller's back, and at start.</param>
    public QueueDeclaration Writes(ResourceKind kind, Func<Metadata, IEnumerable<string>>? itemsOf = null) =>
        this with { Outputs = Outputs.Add(new(kind, OutputUse.Exclusive) { ItemsOf = itemsOf }) };

    /// <summary>Allows to write the kind, as others may who declare the same.</summary>
    public QueueDeclaration WritesShared(ResourceKind kind, Func<Metadata, IEnumerable<string>>? itemsOf = null) =>
        this with { Outputs = Outputs.Add(new(kind, OutputUse.Shared) { ItemsOf = itemsOf }) };

    /// <summary>An item that stands for no resource, for controllers that look at everything at once.</summary>
    public QueueDeclaration WithItem(string id) => this with { Items = Items.Add(id) };

    /// <summary>How many items are reconciled at once; 1 when not said.</summary>
    public QueueDeclaration WithConcurrency(int concurrency) => this with { Concurrency = concurrency };

    /// <summary>Reconciles all items in an interval too.</summary>
    public QueueDeclaration Every(TimeSpan interval) => this with { Interval = interval };

    /// <summary>How long failed items wait.</summary>
    public QueueDeclaration WithBackoff(BackoffPolicy backoff) => this with { Backoff = backoff };

    /// <summary>Ends the declaration.</summary>
    /// <param name="reconcile">
    /// Brings one item in order. Called for items that are gone too. The token ends when the engine stops and won't wait any longer.
    /// </param>
    public Controller Reconcile(Func<ControllerContext, ResourceRef, CancellationToken, ValueTask<Reconciled>> reconcile) =>
        new(_name, Inputs, Outputs, (context, cancellation) => reconcile(context, context.Item, cancellation))
        {
            Concurrency = Concurrency,
            Interval = Interval,
            FixedItems = Items,
            Backoff = Backoff,
        };
}
