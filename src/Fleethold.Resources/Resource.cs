using Google.Protobuf;

namespace Fleethold.Resources;

/// <summary>
/// One resource: metadata and a spec. Immutable; what changes is a copy. The spec is kept as its protobuf encoding, its message, or both:
/// each is made from the other when it is first asked for, so that what is only stored and served is never decoded.
/// Safe for use by several threads at once.
/// </summary>
public abstract class Resource(Metadata metadata)
{
    /// <summary>Everything but the spec.</summary>
    public Metadata Metadata { get; } = metadata;

    /// <summary>The name of the resource.</summary>
    public ResourceRef Ref => Metadata.Ref;

    /// <summary>The protobuf encoding of the spec.</summary>
    public abstract ReadOnlyMemory<byte> SpecBytes { get; }

    /// <summary>
    /// The spec as a message; null when the type isn't registered or has no protobuf spec.
    /// It is shared and frozen: never change it, take a copy with <see cref="Resource{TSpec}.With(Action{TSpec})"/>.
    /// </summary>
    /// <exception cref="InvalidProtocolBufferException">The stored encoding is damaged.</exception>
    public abstract IMessage? SpecMessage { get; }

    /// <summary>A copy with other metadata and the same spec.</summary>
    public abstract Resource With(Metadata metadata);

    /// <summary>True when namespace, type, id, version, owner, phase, labels, annotations, finalizers and spec are the same.</summary>
    public bool SameAs(Resource other) => Metadata.Equals(other.Metadata) && SameSpecAs(other);

    /// <summary>True when the specs are the same, whatever the metadata.</summary>
    public virtual bool SameSpecAs(Resource other) => SpecBytes.Span.SequenceEqual(other.SpecBytes.Span);

    /// <inheritdoc/>
    public override string ToString() => Metadata.ToString();
}

/// <summary>A resource of a registered kind.</summary>
/// <typeparam name="TSpec">The generated message of the spec.</typeparam>
public sealed class Resource<TSpec> : Resource
    where TSpec : class, IMessage<TSpec>, new()
{
    private readonly LazySpec<TSpec> _spec;

    /// <summary>A resource with this spec, which is the resource's from now on: the caller must not change it later.</summary>
    public Resource(Metadata metadata, TSpec spec)
        : this(metadata, new LazySpec<TSpec>(spec))
    {
    }

    /// <summary>A resource with an encoded spec, decoded when first asked for.</summary>
    public Resource(Metadata metadata, ReadOnlyMemory<byte> specBytes)
        : this(metadata, new LazySpec<TSpec>(specBytes))
    {
    }

    private Resource(Metadata metadata, LazySpec<TSpec> spec)
        : base(metadata) => _spec = spec;

    /// <summary>The spec; shared and frozen, never to be changed in place.</summary>
    public TSpec Spec => _spec.Message;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> SpecBytes => _spec.Bytes;

    /// <inheritdoc/>
    public override IMessage SpecMessage => _spec.Message;

    /// <inheritdoc/>
    public override Resource<TSpec> With(Metadata metadata) => new(metadata, _spec);

    /// <summary>A copy whose spec was changed by <paramref name="change"/>; this resource keeps its own.</summary>
    public Resource<TSpec> With(Action<TSpec> change)
    {
        var spec = Spec.Clone();
        change(spec);
        return new Resource<TSpec>(Metadata, spec);
    }

    /// <inheritdoc/>
    public override bool SameSpecAs(Resource other) =>
        other is Resource<TSpec> same && (ReferenceEquals(_spec, same._spec) || base.SameSpecAs(other) || Spec.Equals(same.Spec));
}

/// <summary>
/// A resource whose type isn't registered (as infrastructure providers keep in namespaces of their own) or has no protobuf spec:
/// both forms of the spec are carried as they came.
/// </summary>
/// <param name="metadata">Everything but the spec.</param>
/// <param name="specBytes">The encoded spec, as received.</param>
/// <param name="yaml">The YAML text of the spec, as received.</param>
public sealed class OpaqueResource(Metadata metadata, ReadOnlyMemory<byte> specBytes, string yaml) : Resource(metadata)
{
    /// <summary>The YAML text of the spec.</summary>
    public string Yaml { get; } = yaml;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> SpecBytes { get; } = specBytes;

    /// <inheritdoc/>
    public override IMessage? SpecMessage => null;

    /// <inheritdoc/>
    public override OpaqueResource With(Metadata metadata) => new(metadata, SpecBytes, Yaml);

    /// <inheritdoc/>
    public override bool SameSpecAs(Resource other) => other is OpaqueResource same && same.Yaml == Yaml && base.SameSpecAs(other);
}

internal sealed class LazySpec<TSpec>
    where TSpec : class, IMessage<TSpec>, new()
{
    private static readonly MessageParser<TSpec> Parser = new(() => new TSpec());

    private byte[]? _bytes;
    private TSpec? _message;

    public LazySpec(TSpec message) => _message = message;

    public LazySpec(ReadOnlyMemory<byte> bytes) =>
        _bytes = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : bytes.ToArray();

    public TSpec Message
    {
        get
        {
            if (Volatile.Read(ref _message) is { } present)
            {
                return present;
            }

            // Two threads may decode at once; both must hand out the same object.
            return Interlocked.CompareExchange(ref _message, Parser.ParseFrom(_bytes!), null) ?? _message!;
        }
    }

    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            if (Volatile.Read(ref _bytes) is { } present)
            {
                return present;
            }

            return Interlocked.CompareExchange(ref _bytes, _message!.ToByteArray(), null) ?? _bytes!;
        }
    }
}
