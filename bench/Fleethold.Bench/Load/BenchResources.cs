using System.Text;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Google.Protobuf;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Bench.Load;

/// <summary>The resources that benchmarks write: config patches, whose spec is free text.</summary>
internal static class BenchResources
{
    // A comment: harmless wherever a patch is read.
    private static readonly byte[] Comment = Encoding.ASCII.GetBytes("# ");

    /// <summary>An encoded spec of exactly the payload's size.</summary>
    public static byte[] SpecBytes(Payload payload, long number)
    {
        var room = payload.Size - 1 - CodedOutputStream.ComputeLengthSize(payload.Size);
        var spec = new byte[payload.Size];
        using var output = new CodedOutputStream(spec);
        output.WriteTag(ConfigPatchSpec.DataFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteLength(room);
        output.Flush();
        Comment.CopyTo(spec, payload.Size - room);
        payload.Bytes(number).AsSpan(0, room - Comment.Length).CopyTo(spec.AsSpan(payload.Size - room + Comment.Length));
        return spec;
    }

    /// <summary>A resource with such a spec.</summary>
    public static Resource New(string id, Payload payload, long number, StringMap? labels = null) =>
        Kinds.ConfigPatches.Wrap(new Metadata(Kinds.ConfigPatches.Named(id)) { Labels = labels ?? StringMap.Empty }, SpecBytes(payload, number));

    /// <summary>The same as it is sent to a server.</summary>
    public static Wire.Resource OnTheWire(string id, Payload payload, long number, StringMap? labels = null)
    {
        var resource = new Wire.Resource
        {
            Metadata = new()
            {
                Namespace = Kinds.ConfigPatches.Namespace,
                Type = Kinds.ConfigPatches.Type,
                Id = id,
                Phase = "running",
                Version = "undefined",
            },
            Spec = new() { ProtoSpec = UnsafeByteOperations.UnsafeWrap(SpecBytes(payload, number)) },
        };
        foreach (var (key, value) in (labels ?? StringMap.Empty).Pairs)
        {
            resource.Metadata.Labels[key] = value;
        }

        return resource;
    }
}
