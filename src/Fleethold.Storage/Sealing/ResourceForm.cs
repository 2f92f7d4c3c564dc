using System.Buffers;
using Fleethold.Resources;
using Google.Protobuf;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Storage.Sealing;

/// <summary>The plain form of a resource inside a sealed blob: the message cosi.resource.Resource, with YAML only where there is no other spec.</summary>
internal static class ResourceForm
{
    public static void Encode(Resource resource, ArrayBufferWriter<byte> output)
    {
        var from = resource.Metadata;
        var metadata = new Wire.Metadata
        {
            Namespace = from.Namespace,
            Type = from.Type,
            Id = from.Id,
            Version = from.Version.ToString(),
            Owner = from.Owner,
            Phase = from.Phase.ToWire(),
            Created = from.Created.ToTimestamp(),
            Updated = from.Updated.ToTimestamp(),
        };
        foreach (var (key, value) in from.Labels.Pairs)
        {
            metadata.Labels[key] = value;
        }

        foreach (var (key, value) in from.Annotations.Pairs)
        {
            metadata.Annotations[key] = value;
        }

        metadata.Finalizers.AddRange(from.Finalizers);
        var spec = new Wire.Spec { ProtoSpec = UnsafeByteOperations.UnsafeWrap(resource.SpecBytes) };
        if (resource is OpaqueResource opaque)
        {
            spec.YamlSpec = opaque.Yaml;
        }

        new Wire.Resource { Metadata = metadata, Spec = spec }.WriteTo(output);
    }

    /// <exception cref="InvalidProtocolBufferException">The bytes aren't a message.</exception>
    /// <exception cref="InvalidDataException">The message isn't a resource.</exception>
    public static Resource Decode(ReadOnlySpan<byte> bytes)
    {
        var message = Wire.Resource.Parser.ParseFrom(bytes);
        var from = message.Metadata ?? throw new InvalidDataException("a stored resource has no metadata");
        if (!ResourceVersion.TryParse(from.Version, out var version) || !PhaseText.TryParse(from.Phase, out var phase))
        {
            throw new InvalidDataException("a stored resource has no valid version or phase");
        }

        var metadata = new Metadata(new ResourceRef(from.Namespace, from.Type, from.Id))
        {
            Version = version,
            Owner = from.Owner,
            Phase = phase,
            Created = Instant.FromTimestamp(from.Created),
            Updated = Instant.FromTimestamp(from.Updated),
            Labels = StringMap.From(from.Labels),
            Annotations = StringMap.From(from.Annotations),
            Finalizers = [.. from.Finalizers],
        };
        var spec = message.Spec ?? new Wire.Spec();
        return Kinds.Find(from.Type)?.Wrap(metadata, spec.ProtoSpec.Memory, spec.YamlSpec)
            ?? new OpaqueResource(metadata, spec.ProtoSpec.Memory, spec.YamlSpec);
    }
}
