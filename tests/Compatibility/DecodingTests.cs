using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Fleethold.Testing;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fleethold.Compatibility;

/// <summary>Everything in the recorded sessions that concerns the State service is understood whole.</summary>
public class DecodingTests
{
    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Every_recorded_State_call_decodes_with_nothing_unknown_left_over()
    {
        var counts = new Dictionary<string, int>();
        foreach (var call in RecordedCall.OfState())
        {
            var method = State.Descriptor.FindMethodByName(call.StateMethod);
            Assert.NotNull(method);
            Assert.NotEmpty(call.Requests);
            foreach (var bytes in call.Requests)
            {
                Check(call, method.InputType, bytes, counts);
            }

            foreach (var bytes in call.Responses)
            {
                Check(call, method.OutputType, bytes, counts);
            }
        }

        // The size of the recording, so that nothing can be left out unnoticed.
        Assert.Equal((492, 3718, 2817), (RecordedCall.OfState().Count, counts["messages"], counts["specs"]));
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void The_YAML_of_every_recorded_spec_is_the_one_that_we_make()
    {
        var checkedSpecs = 0;
        foreach (var call in RecordedCall.OfState().Where(call => !call.ForTalos && call.StateMethod != "Create" && call.StateMethod != "Update"))
        {
            var type = State.Descriptor.FindMethodByName(call.StateMethod).OutputType;
            foreach (var resource in call.Responses.SelectMany(bytes => ResourcesIn(type.Parser.ParseFrom(bytes))).Where(one => one.Spec.YamlSpec.Length > 0))
            {
                var decoded = ResourceCodec.FromProto(resource).Value;
                Assert.True(resource.Spec.YamlSpec == ResourceCodec.ToProto(decoded).Spec.YamlSpec, $"{call}: {decoded}");
                checkedSpecs++;
            }
        }

        Assert.Equal(2730, checkedSpecs);
    }

    /// <summary>The resources in a request or an answer.</summary>
    internal static IEnumerable<Resources.Wire.Resource> ResourcesIn(IMessage message) => message switch
    {
        GetResponse { Resource: { } one } => [one],
        ListResponse { Resource: { } one } => [one],
        CreateRequest { Resource: { } one } => [one],
        CreateResponse { Resource: { } one } => [one],
        UpdateRequest { NewResource: { } one } => [one],
        UpdateResponse { Resource: { } one } => [one],
        WatchResponse watch => watch.Event.SelectMany(one => new[] { one.Resource, one.Old }).OfType<Resources.Wire.Resource>(),
        _ => [],
    };

    private static void Check(RecordedCall call, MessageDescriptor type, byte[] bytes, Dictionary<string, int> counts)
    {
        var message = Whole(call, type, bytes);
        counts["messages"] = counts.GetValueOrDefault("messages") + 1;
        foreach (var resource in ResourcesIn(message))
        {
            var kind = Kinds.Find(resource.Metadata.Type);
            Assert.True(kind is not null || call.ForTalos, $"{call}: {resource.Metadata.Type} isn't registered");
            if (!call.ForTalos && kind?.Spec is { } spec)
            {
                Whole(call, spec, resource.Spec.ProtoSpec.ToByteArray());
                counts["specs"] = counts.GetValueOrDefault("specs") + 1;
            }

            // Our own reader understands it too; it doesn't fail on what it can't place.
            Assert.Null(ResourceCodec.FromProto(resource).Fault);
        }
    }

    /// <summary>Unknown fields, however deep, count in the size of a message; a parser that drops them makes a smaller one.</summary>
    private static IMessage Whole(RecordedCall call, MessageDescriptor type, byte[] bytes)
    {
        var message = type.Parser.ParseFrom(bytes);
        var known = type.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        Assert.True(message.CalculateSize() == known.CalculateSize(), $"{call}: unknown fields in {type.FullName}");
        return message;
    }
}
