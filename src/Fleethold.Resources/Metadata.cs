using System.Collections.Immutable;

namespace Fleethold.Resources;

/// <summary>
/// Everything about a resource but its spec. Immutable; a change makes a copy with <c>with</c>.
/// Equality leaves out the two times and the order of finalizers (reference/resources.md 1.1).
/// </summary>
public sealed record Metadata
{
    /// <summary>Metadata of a resource that is not stored yet.</summary>
    public Metadata(ResourceRef reference) => Ref = reference;

    /// <summary>Namespace, type and id.</summary>
    public ResourceRef Ref { get; init; }

    /// <summary>Namespace of <see cref="Ref"/>.</summary>
    public string Namespace => Ref.Namespace;

    /// <summary>Type of <see cref="Ref"/>.</summary>
    public string Type => Ref.Type;

    /// <summary>Id of <see cref="Ref"/>.</summary>
    public string Id => Ref.Id;

    /// <summary>Undefined until the state stored it.</summary>
    public ResourceVersion Version { get; init; }

    /// <summary>The controller that owns the resource; empty when people do. Set at creation, never changed.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Running, or on its way out.</summary>
    public Phase Phase { get; init; }

    /// <summary>When the state created it. The state sets it.</summary>
    public Instant Created { get; init; } = Instant.Zero;

    /// <summary>When the state last updated it. The state sets it on updates.</summary>
    public Instant Updated { get; init; } = Instant.Zero;

    /// <summary>What queries select by.</summary>
    public StringMap Labels { get; init; } = StringMap.Empty;

    /// <summary>What queries don't select by.</summary>
    public StringMap Annotations { get; init; } = StringMap.Empty;

    /// <summary>Names of those who must clean up before the resource may go; a set in the order of addition.</summary>
    public ImmutableArray<string> Finalizers { get; init; } = [];

    /// <summary>
    /// A copy with an update time, as writers give new resources one: the state sets it on updates only.
    /// </summary>
    public Metadata WrittenAt(Instant now) => this with { Updated = now };

    /// <summary>A copy with one finalizer more; the same metadata when it is there already.</summary>
    public Metadata WithFinalizer(string name) => Finalizers.Contains(name) ? this : this with { Finalizers = Finalizers.Add(name) };

    /// <summary>A copy without one finalizer; the same metadata when it isn't there.</summary>
    public Metadata WithoutFinalizer(string name) => Finalizers.Contains(name) ? this with { Finalizers = Finalizers.Remove(name) } : this;

    /// <summary>A copy with one label set.</summary>
    public Metadata WithLabel(string key, string value) => this with { Labels = Labels.With(key, value) };

    /// <summary>A copy with one annotation set.</summary>
    public Metadata WithAnnotation(string key, string value) => this with { Annotations = Annotations.With(key, value) };

    /// <inheritdoc/>
    public bool Equals(Metadata? other) =>
        other is not null
        && Ref == other.Ref
        && Version == other.Version
        && Owner == other.Owner
        && Phase == other.Phase
        && Labels.Equals(other.Labels)
        && Annotations.Equals(other.Annotations)
        && Finalizers.Length == other.Finalizers.Length
        && Finalizers.All(other.Finalizers.Contains);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Ref, Version, Owner, Phase, Labels, Finalizers.Length);

    /// <summary>The text form used in messages that clients show: <c>Type(namespace/id@version)</c>.</summary>
    public override string ToString() => $"{Type}({Namespace}/{Id}@{Version})";
}
