using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Google.Protobuf;

namespace Fleethold.Fuzz.Targets;

/// <summary>
/// Resources as strangers send them. Our reader takes nothing that the generated parser refuses and gives the same resource; what it took
/// is written and read again without a change.
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
        var decoded = ResourceCodec.Decode(input.ToArray());
        Resources.Wire.Resource message;
        try
        {
            message = Resources.Wire.Resource.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException) when (decoded.Fault is not null || HasYamlThatIsNoText(input))
        {
            // The YAML of kinds with a spec isn't looked at, so it may be anything.
            return;
        }

        var parsed = ResourceCodec.FromProto(message);
        if (!decoded.Succeeded(out var resource, out var fault))
        {
            Check.Same(true, fault is Fault.Invalid);

            // Our reader alone refuses wire types that don't exist and parts that come twice.
            Check.Same(true, parsed.Fault is Fault.Invalid || fault.Message.StartsWith("the encoded resource is damaged", StringComparison.Ordinal));
            return;
        }

        Check.Same(true, parsed.Value.SameAs(resource));
        var again = ResourceCodec.Decode(ResourceCodec.Encode(resource)).Value;
        Check.Same(true, again.SameAs(resource));
        Check.Same(resource.Metadata.Created, again.Metadata.Created);
        Check.Same(true, ResourceCodec.DecodeFromStorage(ResourceCodec.EncodeForStorage(resource)).SameAs(resource));
        ResourceYaml.Render(resource);
        ResourceJson.Render(resource);
    }

    private static bool HasYamlThatIsNoText(ReadOnlySpan<byte> input)
    {
        var reader = new CodedInputStream(input.ToArray());
        while (reader.ReadTag() is var tag and not 0)
        {
            if (tag != WireFormat.MakeTag(Resources.Wire.Resource.SpecFieldNumber, WireFormat.WireType.LengthDelimited))
            {
                reader.SkipLastField();
                continue;
            }

            var spec = reader.ReadBytes().CreateCodedInput();
            while (spec.ReadTag() is var field and not 0)
            {
                if (field != WireFormat.MakeTag(Spec.YamlSpecFieldNumber, WireFormat.WireType.LengthDelimited))
                {
                    spec.SkipLastField();
                }
                else if (!System.Text.Unicode.Utf8.IsValid(spec.ReadBytes().Span))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
