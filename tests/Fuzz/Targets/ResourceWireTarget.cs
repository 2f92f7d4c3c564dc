using Fleethold.Resources;
using Fleethold.Resources.Wire;

namespace Fleethold.Fuzz.Targets;

/// <summary>
/// Resources as strangers send them. Our reader takes nothing that the generated parser refuses, both give the same resource, and what
/// was taken is written and read again without a change.
/// </summary>
internal sealed class ResourceWireTarget : IFuzzTarget
{
    public string Name => "resource-wire";

    public InputShape Shape => InputShape.Protobuf;

    public IEnumerable<byte[]> Seeds => ExampleResources.All.Select(ResourceCodec.Encode);

    // Specs may hold texts compressed up to 4 MiB.
    public long AllocationLimit(int inputLength) => 1_000_000 + (inputLength * 1_000L);

    public void Run(ReadOnlySpan<byte> input)
    {
        if (!ResourceCodec.Decode(input.ToArray()).Succeeded(out var resource, out var fault))
        {
            Check.Same(true, fault is Fault.Invalid);
            return;
        }

        var parsed = ResourceCodec.FromProto(Resources.Wire.Resource.Parser.ParseFrom(input)).Value;
        Check.Same(true, parsed.SameAs(resource));
        var again = ResourceCodec.Decode(ResourceCodec.Encode(resource)).Value;
        Check.Same(true, again.SameAs(resource));
        Check.Same(resource.Metadata.Created, again.Metadata.Created);
        Check.Same(true, ResourceCodec.DecodeFromStorage(ResourceCodec.EncodeForStorage(resource)).SameAs(resource));
        ResourceYaml.Render(resource);
        ResourceJson.Render(resource);
    }
}
