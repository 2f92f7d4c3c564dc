using Fleethold.Resources;

namespace Fleethold.Runtime.Controllers;

/// <summary>What a controller reads a kind for.</summary>
public enum InputUse
{
    /// <summary>Its resources are the controller's items: each is reconciled by itself.</summary>
    Primary,

    /// <summary>A change wakes those items that it is mapped to.</summary>
    Mapped,

    /// <summary>Only read; a change wakes nobody.</summary>
    Lookup,
}

/// <summary>Which changes of an input wake a controller.</summary>
public enum WakeOn
{
    /// <summary>Creation, change of spec, labels, annotations or phase, the last finalizer gone in teardown, and the end.</summary>
    Content,

    /// <summary>Every change, also of finalizers.</summary>
    Anything,

    /// <summary>Only a teardown that has no finalizers left, and the end.</summary>
    DestroyReady,
}

/// <summary>A kind that a controller reads.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Use">What for.</param>
/// <param name="Wake">Which changes wake the controller.</param>
public sealed record ControllerInput(ResourceKind Kind, InputUse Use, WakeOn Wake = WakeOn.Content)
{
    internal Func<Metadata, IEnumerable<string>>? Map { get; init; }

    internal Func<ControllerReader, Resource, CancellationToken, ValueTask<IEnumerable<string>>>? MapAsync { get; init; }

    /// <summary>A finer rule than <see cref="Wake"/>.</summary>
    internal Func<StateEvent, bool>? Filter { get; init; }

    internal bool Wakes(StateEvent change) => Filter?.Invoke(change) ?? Wake switch
    {
        WakeOn.Anything => true,
        WakeOn.DestroyReady => change.Type is EventType.Destroyed || change.IsDestroyReady(),
        _ => !change.ChangesFinalizersOnly() || change.IsDestroyReady(),
    };
}

/// <summary>Who else may write a kind.</summary>
public enum OutputUse
{
    /// <summary>Nobody: all resources of the kind are this controller's.</summary>
    Exclusive,

    /// <summary>Others too; each owns the resources that it created.</summary>
    Shared,
}

/// <summary>A kind that a controller writes.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Use">Who else may write it.</param>
public sealed record ControllerOutput(ResourceKind Kind, OutputUse Use)
{
    /// <summary>The items that an output belongs to; null when only the controller knows.</summary>
    internal Func<Metadata, IEnumerable<string>>? ItemsOf { get; init; }

    /// <summary>An output's change wakes its owner when it may have something to do: never for finalizers that come and stay.</summary>
    internal static bool Wakes(StateEvent change) => !change.ChangesFinalizersOnly() || change.IsDestroyReady();
}

internal static class EventQuestions
{
    /// <summary>In teardown without finalizers: whoever may destroy it can.</summary>
    public static bool IsDestroyReady(this StateEvent change) =>
        change.Type is EventType.Created or EventType.Updated
        && change.Resource.Metadata.Phase is Phase.TearingDown
        && change.Resource.Metadata.Finalizers.IsEmpty;

    /// <summary>Only finalizers came or went. False when the state before isn't known.</summary>
    public static bool ChangesFinalizersOnly(this StateEvent change) =>
        change is { Type: EventType.Updated, Old: { } old }
        && old.Metadata.Phase == change.Resource.Metadata.Phase
        && old.Metadata.Labels.Equals(change.Resource.Metadata.Labels)
        && old.Metadata.Annotations.Equals(change.Resource.Metadata.Annotations)
        && old.SameSpecAs(change.Resource);
}
