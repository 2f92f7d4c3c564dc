using System.Collections;
using System.IO.Compression;
using System.Text.Json;
using Fleethold.Resources.Wire;
using Fleethold.Testing;
using Google.Protobuf;
using static Fleethold.Resources.Tests.Wire.EncodingVectors;
using Proto = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Resources.Tests.Wire;

[Trait("Category", Vectors.Category)]
public class TranscriptYamlTests
{
    [Theory]
    [InlineData("transcripts/api.jsonl", 300)]
    [InlineData("infra/provider-api.jsonl", 60)]
    public void Every_recorded_resource_is_understood_and_shown_as_upstream_showed_it(string file, int atLeast)
    {
        var problems = new List<string>();
        var seen = new HashSet<(string, ByteString)>();
        foreach (var call in Vectors.JsonLines(file).Where(call => call.Text("path").StartsWith("/cosi.resource.State/", StringComparison.Ordinal)))
        {
            var method = StateReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("State").FindMethodByName(call.Text("path").Split('/')[2]);
            foreach (var message in call.GetProperty("messages").EnumerateArray().Where(message => message.Has("base64")))
            {
                var bytes = Body(message);
                var type = message.Text("dir") == "request" ? method.InputType : method.OutputType;
                var parsed = type.Parser.ParseFrom(bytes);
                if (!KnowsAll(parsed, bytes))
                    problems.Add($"{call.Text("path")}: unknown fields");

                // Talos describes its own kinds with a field that none of Omni's has.
                if (call.GetProperty("requestHeaders").Has("Runtime"))
                    continue;

                foreach (var resource in ResourcesIn(parsed).Where(resource => seen.Add((resource.Metadata?.Type ?? "", resource.Spec?.ProtoSpec ?? ByteString.Empty))))
                    Check(resource, problems);
            }
        }

        None(problems);
        Assert.True(seen.Count >= atLeast, $"only {seen.Count} resources seen");
    }

    private static void Check(Proto proto, List<string> problems)
    {
        if (proto.Metadata is null || proto.Spec is null || proto.Spec.YamlSpec.Length == 0 || Kinds.Find(proto.Metadata.Type) is not { Spec: not null })
            return;

        var resource = ResourceCodec.FromProto(proto).Value;
        if (!KnowsAll(resource.SpecMessage!, resource.SpecBytes.Span))
            problems.Add($"{resource}: unknown fields");

        var opaque = new OpaqueResource(resource.Metadata, default, proto.Spec.YamlSpec);
        if (ResourceYaml.Render(resource) is var known && ResourceYaml.Render(opaque) is var shown && known != shown)
            problems.Add($"{resource}: {Difference(known, shown)}");

        if (SpecYaml.Of(resource) is var yaml && yaml != proto.Spec.YamlSpec)
            problems.Add($"{resource}: {Difference(proto.Spec.YamlSpec, yaml)}");
    }

    private static byte[] Body(JsonElement message)
    {
        var bytes = message.Bytes("base64");
        if (message.GetProperty("flag").GetInt32() == 0)
            return bytes;

        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static IEnumerable<Proto> ResourcesIn(IMessage message)
    {
        if (message is Proto resource)
            return [resource];

        return message.Descriptor.Fields.InDeclarationOrder()
            .Where(field => field.FieldType == Google.Protobuf.Reflection.FieldType.Message && !field.IsMap)
            .SelectMany(field => field.Accessor.GetValue(message) switch
            {
                IList list => list.Cast<IMessage>(),
                IMessage one => [one],
                _ => Enumerable.Empty<IMessage>(),
            })
            .SelectMany(ResourcesIn);
    }
}
