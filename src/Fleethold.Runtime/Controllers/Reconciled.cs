using Fleethold.Resources;

namespace Fleethold.Runtime.Controllers;

/// <summary>What became of one reconcile call, and what the engine does next.</summary>
public readonly record struct Reconciled
{
    private enum Kind
    {
        Done,
        Skip,
        DestroyOutput,
    }

    private readonly Kind _kind;

    private Reconciled(Kind kind) => _kind = kind;

    /// <summary>All is as it should be. A transform's output is written when it changed.</summary>
    public static Reconciled Done => default;

    /// <summary>Nothing can be said yet: a transform's output stays as it is and there is no retry; a later change wakes the item.</summary>
    public static Reconciled Skip => new(Kind.Skip);

    /// <summary>A transform's output isn't wanted at present: it is torn down and destroyed although the input lives.</summary>
    public static Reconciled DestroyOutput => new(Kind.DestroyOutput);

    /// <summary>Why it failed; null on success. A failed transform's output isn't written.</summary>
    public Fault? Fault { get; private init; }

    /// <summary>When the item is reconciled again without any change; null for not at all, or by back-off when it failed.</summary>
    public TimeSpan? Again { get; private init; }

    internal bool Skips => _kind is Kind.Skip;

    internal bool DestroysOutput => _kind is Kind.DestroyOutput;

    /// <summary>Failure: the output isn't written, the item is retried with back-off, after a conflict at once. Null is <see cref="Done"/>.</summary>
    public static implicit operator Reconciled(Fault? fault) => new(Kind.Done) { Fault = fault };

    /// <summary>The same result, and a fault: nothing is written in this pass, and the item comes again after the time said, without back-off.</summary>
    public Reconciled Because(Fault fault) => this with { Fault = fault };

    internal static Reconciled After(TimeSpan delay) => new(Kind.Done) { Again = delay };
}

/// <summary>The one way to say "again later".</summary>
public static class Requeue
{
    /// <summary>Success so far (a transform's output is written), and the item is reconciled again after a time, or earlier when something changes.</summary>
    /// <param name="delay">By the engine's clock; zero or less means at once.</param>
    public static Reconciled After(TimeSpan delay) => Reconciled.After(delay);
}
