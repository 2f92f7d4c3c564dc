using Fleethold.Resources;
using Google.Protobuf;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Server.Api;

/// <summary>Resources to and from their protobuf form. What was encoded lately is remembered: a write is answered and then watched by many.</summary>
internal sealed class ResourceForms
{
    private const int Remembered = 512;
    private const int MaxRemembered = 16 * 1024;

    private readonly Entry?[] _lately = new Entry?[Remembered];

    /// <summary>The encoded <c>cosi.resource.Resource</c>, with both forms of the spec.</summary>
    public ReadOnlyMemory<byte> Encode(Resource resource)
    {
        var slot = (uint)System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(resource) % Remembered;
        if (Volatile.Read(ref _lately[slot]) is { } known && ReferenceEquals(known.Resource, resource))
        {
            return known.Bytes;
        }

        var bytes = StandIn.Encode(resource);
        if (bytes.Length <= MaxRemembered)
        {
            Volatile.Write(ref _lately[slot], new Entry(resource, bytes));
        }

        return bytes;
    }

    /// <summary>The resource of a request.</summary>
    public static Outcome<Resource> Decode(Wire.Resource? message) => StandIn.Decode(message);

    private sealed record Entry(Resource Resource, byte[] Bytes);

    private static class StandIn
    {
        public static byte[] Encode(Resource resource)
        {
            var metadata = resource.Metadata;
            var wire = new Wire.Metadata
            {
                Namespace = metadata.Namespace,
                Type = metadata.Type,
                Id = metadata.Id,
                Version = metadata.Version.ToString(),
                Owner = metadata.Owner,
                Phase = metadata.Phase.ToWire(),
                Created = metadata.Created.ToTimestamp(),
                Updated = metadata.Updated.ToTimestamp(),
            };
            wire.Finalizers.AddRange(metadata.Finalizers);
            foreach (var (key, value) in metadata.Labels.Pairs)
            {
                wire.Labels.Add(key, value);
            }

            foreach (var (key, value) in metadata.Annotations.Pairs)
            {
                wire.Annotations.Add(key, value);
            }

            return new Wire.Resource
            {
                Metadata = wire,
                Spec = new Wire.Spec { ProtoSpec = ByteString.CopyFrom(resource.SpecBytes.Span), YamlSpec = (resource as OpaqueResource)?.Yaml ?? "" },
            }.ToByteArray();
        }

        public static Outcome<Resource> Decode(Wire.Resource? message)
        {
            if (message?.Metadata is not { } wire)
            {
                return new Fault.Invalid("metadata is missing");
            }

            if (message.Spec is not { } spec)
            {
                return new Fault.Invalid("spec is missing");
            }

            if (!ResourceVersion.TryParse(wire.Version, out var version))
            {
                return new Fault.Invalid($"error parsing version: \"{wire.Version}\"");
            }

            if (!PhaseText.TryParse(wire.Phase, out var phase))
            {
                return new Fault.Invalid($"unknown phase: {wire.Phase}");
            }

            var metadata = new Metadata(new ResourceRef(wire.Namespace, wire.Type, wire.Id))
            {
                Version = version,
                Phase = phase,
                Owner = wire.Owner,
                Created = Instant.FromTimestamp(wire.Created),
                Updated = Instant.FromTimestamp(wire.Updated),
                Labels = StringMap.From(wire.Labels),
                Annotations = StringMap.From(wire.Annotations),
                Finalizers = [.. wire.Finalizers.Distinct()],
            };
            return Kinds.Find(wire.Type) is { } kind
                ? kind.Wrap(metadata, spec.ProtoSpec.Memory, spec.YamlSpec)
                : new OpaqueResource(metadata, spec.ProtoSpec.Memory, spec.YamlSpec);
        }
    }
}
