using Google.Protobuf;
using ProtoResource = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Resources.Wire;

/// <summary>
/// A resource as <c>cosi.resource.Resource</c>, the form of the State service (reference/resources.md 1.2), and as the store keeps it.
/// </summary>
public static class ResourceCodec
{
    /// <summary>
    /// Encoded resources above this size in bytes are refused by <see cref="Decode"/>; messages of the wire have lower limits of their own.
    /// </summary>
    public const int MaxEncodedBytes = 32 * 1024 * 1024;

    /// <summary>The wire message with both forms of the spec. It shares the bytes of the spec.</summary>
    /// <exception cref="InvalidProtocolBufferException">The stored spec is damaged.</exception>
    public static ProtoResource ToProto(Resources.Resource resource)
    {
        var proto = ToTombstone(resource);
        proto.Spec.ProtoSpec = UnsafeByteOperations.UnsafeWrap(resource.SpecBytes);
        proto.Spec.YamlSpec = SpecYaml.Of(resource);
        return proto;
    }

    /// <summary>The wire message of a tombstone: metadata and an empty spec.</summary>
    public static ProtoResource ToTombstone(Resources.Resource resource)
    {
        var metadata = resource.Metadata;
        var proto = new ProtoResource
        {
            Metadata = new Wire.Metadata
            {
                Namespace = metadata.Namespace,
                Type = metadata.Type,
                Id = metadata.Id,
                Version = metadata.Version.ToString(),
                Owner = metadata.Owner,
                Phase = metadata.Phase.ToWire(),
                Created = metadata.Created.ToTimestamp(),
                Updated = metadata.Updated.ToTimestamp(),
            },
            Spec = new Spec(),
        };
        foreach (var (key, value) in metadata.Labels.Pairs)
            proto.Metadata.Labels.Add(key, value);

        foreach (var (key, value) in metadata.Annotations.Pairs)
            proto.Metadata.Annotations.Add(key, value);

        proto.Metadata.Finalizers.AddRange(metadata.Finalizers);
        return proto;
    }

    /// <summary>
    /// Reads a wire message from a stranger. The spec of a registered kind is decoded at once, so that garbage is refused here;
    /// its YAML is ignored. What isn't registered keeps both forms as they came.
    /// </summary>
    /// <returns>A <see cref="Fault.Invalid"/> with COSI's text when a part is missing or broken.</returns>
    public static Outcome<Resources.Resource> FromProto(ProtoResource? proto)
    {
        if (proto?.Metadata is not { } source)
            return new Fault.Invalid("metadata is missing");

        if (proto.Spec is not { } spec)
            return new Fault.Invalid("spec is missing");

        var reader = new MetadataReader
        {
            Namespace = source.Namespace,
            Type = source.Type,
            Id = source.Id,
            Version = source.Version,
            Owner = source.Owner,
            Phase = source.Phase,
            Created = Instant.FromTimestamp(source.Created),
            Updated = Instant.FromTimestamp(source.Updated),
        };
        reader.SetLabels(StringMap.From(source.Labels));
        reader.SetAnnotations(StringMap.From(source.Annotations));
        reader.SetFinalizers([.. source.Finalizers]);
        if (!reader.ToMetadata().Succeeded(out var metadata, out var fault))
            return fault;

        return Checked(Wrap(metadata, spec.ProtoSpec.Memory, spec.YamlSpec));
    }

    /// <summary>The encoding of <see cref="ToProto"/>, made in one go.</summary>
    public static byte[] Encode(Resources.Resource resource)
    {
        if (resource is OpaqueResource opaque)
            return ResourceWriter.Write(opaque.Metadata, opaque.SpecBytes.Span, System.Text.Encoding.UTF8.GetBytes(opaque.Yaml));

        var yaml = YamlBuffer.Rent();
        try
        {
            SpecYaml.Write(yaml, resource.SpecMessage!);
            return ResourceWriter.Write(resource.Metadata, resource.SpecBytes.Span, yaml.Written);
        }
        finally
        {
            yaml.Return();
        }
    }

    /// <summary>Reads an encoded wire message from a stranger, as <see cref="FromProto"/> does.</summary>
    public static Outcome<Resources.Resource> Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxEncodedBytes)
            return new Fault.Invalid($"the encoded resource has {bytes.Length} bytes; at most {MaxEncodedBytes} are accepted");

        try
        {
            return Read(bytes).Succeeded(out var resource, out var fault) ? Checked(resource) : fault;
        }
        catch (InvalidDataException damaged)
        {
            return new Fault.Invalid(damaged.Message);
        }
    }

    /// <summary>
    /// The form of our own store: the wire message without the YAML, which is made again from the spec when it is asked for.
    /// </summary>
    public static byte[] EncodeForStorage(Resources.Resource resource) => ResourceWriter.Write(
        resource.Metadata,
        resource.SpecBytes.Span,
        resource is OpaqueResource { Yaml.Length: > 0 } opaque ? System.Text.Encoding.UTF8.GetBytes(opaque.Yaml) : []);

    /// <summary>
    /// Reads what <see cref="EncodeForStorage"/> made. The spec isn't decoded before somebody asks for it; only a store that checked
    /// the integrity of the bytes may use this.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    public static Resources.Resource DecodeFromStorage(ReadOnlyMemory<byte> bytes) =>
        Read(bytes).Succeeded(out var resource, out var fault) ? resource : throw new InvalidDataException(fault.Message);

    private static Outcome<Resources.Resource> Read(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> metadataBytes = default, specBytes = default;
        bool hasMetadata = false, hasSpec = false;
        var specStart = 0;
        var reader = new WireReader(bytes.Span);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (wireType != WireReader.Bytes || field > 2)
            {
                reader.Skip(wireType);
                continue;
            }

            var value = reader.ReadBytes();
            // Protobuf merges a message that comes twice; no encoder does that to a resource, so it is refused.
            if (field == 1 ? hasMetadata : hasSpec)
                throw new InvalidDataException("the encoded resource is damaged: a part comes twice");

            if (field == 1)
            {
                metadataBytes = value;
                hasMetadata = true;
            }
            else
            {
                specBytes = value;
                hasSpec = true;
                specStart = reader.Position - value.Length;
            }
        }

        if (!hasMetadata)
            return new Fault.Invalid("metadata is missing");

        if (!hasSpec)
            return new Fault.Invalid("spec is missing");

        if (!MetadataReader.Read(metadataBytes).ToMetadata().Succeeded(out var metadata, out var fault))
            return fault;

        var proto = ReadOnlyMemory<byte>.Empty;
        var yaml = ReadOnlySpan<byte>.Empty;
        var specReader = new WireReader(specBytes);
        while (specReader.TryReadTag(out var field, out var wireType))
        {
            if (wireType != WireReader.Bytes || field > 2)
            {
                specReader.Skip(wireType);
                continue;
            }

            var value = specReader.ReadBytes();
            if (field == 1)
                proto = bytes.Slice(specStart + specReader.Position - value.Length, value.Length);
            else
                yaml = value;
        }

        try
        {
            return Wrap(metadata, proto, yaml.Length == 0 || Kinds.Find(metadata.Type)?.Spec is not null ? "" : StrictText.Decode(yaml));
        }
        catch (System.Text.DecoderFallbackException)
        {
            return new Fault.Invalid("the encoded resource is damaged: a text is not UTF-8");
        }
    }

    private static Resources.Resource Wrap(Resources.Metadata metadata, ReadOnlyMemory<byte> spec, string yaml) =>
        Kinds.Find(metadata.Type) is { } kind ? kind.Wrap(metadata, spec, yaml) : new OpaqueResource(metadata, spec, yaml);

    private static Outcome<Resources.Resource> Checked(Resources.Resource resource)
    {
        try
        {
            return resource.SpecMessage is not { } spec || !CompressedText.Applies(spec) || CompressedText.Expand(spec).Succeeded(out _, out var fault)
                ? resource
                : fault;
        }
        catch (InvalidProtocolBufferException damaged)
        {
            return new Fault.Invalid($"the spec of {resource.Metadata.Type} can't be decoded: {damaged.Message}");
        }
    }
}
