using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fleethold.Resources;

/// <summary>A column that tables of a kind show besides namespace, type, id and version.</summary>
/// <param name="Name">The heading as registered, shown in upper case.</param>
/// <param name="JsonPath">A JSONPath over the YAML form of the spec, for example <c>{.managementaddress}</c>.</param>
public sealed record PrintColumn(string Name, string JsonPath);

/// <summary>How careful people should be with what a resource holds. A hint; access rules decide.</summary>
public enum Sensitivity
{
    /// <summary>Nothing secret.</summary>
    None,

    /// <summary>The spec holds secrets.</summary>
    Sensitive,
}

/// <summary>
/// A kind of resource: its type, where it lives, the message of its spec and how it is shown. The table of all kinds is <see cref="Kinds"/>.
/// </summary>
public abstract class ResourceKind
{
    private protected ResourceKind(string type, string @namespace, ReadOnlySpan<(string Name, string JsonPath)> columns)
    {
        (Type, Namespace) = (type, @namespace);
        var list = new List<PrintColumn>();
        foreach (var (name, jsonPath) in columns)
        {
            list.Add(new PrintColumn(name, jsonPath));
        }

        PrintColumns = list;
    }

    /// <summary>The full type, for example <c>Clusters.omni.sidero.dev</c>.</summary>
    public string Type { get; }

    /// <summary>The namespace that resources of this kind live in by default.</summary>
    public string Namespace { get; }

    /// <summary>Columns of tables, in order.</summary>
    public IReadOnlyList<PrintColumn> PrintColumns { get; }

    /// <summary>Whether the spec holds secrets.</summary>
    public Sensitivity Sensitivity { get; internal init; }

    /// <summary>True when people make, change and remove resources of this kind, so that nobody else cleans up after them.</summary>
    public bool IsUserManaged { get; internal init; }

    /// <summary>The message of the spec; null for the kinds without a protobuf spec.</summary>
    public abstract MessageDescriptor? Spec { get; }

    /// <summary>Type and default namespace.</summary>
    public KindRef Ref => new(Namespace, Type);

    /// <summary>A resource of this kind with an encoded spec, which is not decoded yet.</summary>
    /// <param name="metadata">Metadata whose type is this kind's.</param>
    /// <param name="specBytes">The encoded spec.</param>
    /// <param name="yaml">The YAML text, kept only by kinds without a protobuf spec.</param>
    public abstract Resource Wrap(Metadata metadata, ReadOnlyMemory<byte> specBytes, string yaml = "");

    /// <summary>A resource of this kind with a decoded spec.</summary>
    /// <exception cref="ArgumentException">The message is not this kind's spec.</exception>
    public abstract Resource Wrap(Metadata metadata, IMessage spec);

    /// <inheritdoc/>
    public override string ToString() => Type;
}

/// <summary>A kind whose spec is a generated message.</summary>
/// <typeparam name="TSpec">The message.</typeparam>
public sealed class ResourceKind<TSpec> : ResourceKind
    where TSpec : class, IMessage<TSpec>, new()
{
    internal ResourceKind(string type, string @namespace, params ReadOnlySpan<(string Name, string JsonPath)> columns)
        : base(type, @namespace, columns)
    {
    }

    /// <inheritdoc/>
    public override MessageDescriptor Spec { get; } = new TSpec().Descriptor;

    /// <summary>A new resource of this kind in its default namespace.</summary>
    public Resource<TSpec> New(string id, TSpec? spec = null) => new(new Metadata(Ref.Named(id)), spec ?? new TSpec());

    /// <summary>The name of a resource of this kind in its default namespace.</summary>
    public ResourceRef Named(string id) => Ref.Named(id);

    /// <inheritdoc/>
    public override Resource<TSpec> Wrap(Metadata metadata, ReadOnlyMemory<byte> specBytes, string yaml = "") => new(metadata, specBytes);

    /// <inheritdoc/>
    public override Resource<TSpec> Wrap(Metadata metadata, IMessage spec) =>
        spec is TSpec typed ? new(metadata, typed) : throw new ArgumentException($"{spec.Descriptor.FullName} is not the spec of {Type}", nameof(spec));
}

/// <summary>A kind that is known by name but has no protobuf spec; its resources are <see cref="OpaqueResource"/>.</summary>
public sealed class OpaqueKind : ResourceKind
{
    internal OpaqueKind(string type, string @namespace, params ReadOnlySpan<(string Name, string JsonPath)> columns)
        : base(type, @namespace, columns)
    {
    }

    /// <inheritdoc/>
    public override MessageDescriptor? Spec => null;

    /// <inheritdoc/>
    public override OpaqueResource Wrap(Metadata metadata, ReadOnlyMemory<byte> specBytes, string yaml = "") => new(metadata, specBytes, yaml);

    /// <inheritdoc/>
    public override OpaqueResource Wrap(Metadata metadata, IMessage spec) => throw new ArgumentException($"{Type} has no protobuf spec", nameof(spec));
}
