using System.Text.Json;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;
using Fleethold.Testing;
using Google.Protobuf;
using static Fleethold.Resources.Tests.Wire.EncodingVectors;
using Proto = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Resources.Tests.Wire;

[Trait("Category", Vectors.Category)]
public class ResourceEncodingVectorTests
{
    [Fact]
    public void Every_kind_has_a_full_and_an_empty_example()
    {
        using var vectors = Vectors.Json(FileName);
        var types = vectors.RootElement.GetProperty("cases").EnumerateArray().GroupBy(example => example.Text("type")).ToDictionary(group => group.Key, group => group.Count());

        var problems = Kinds.All.Where(kind => kind.Spec is not null && !kind.Type.EndsWith(".meta.cosi.dev", StringComparison.Ordinal))
            .Where(kind => types.GetValueOrDefault(kind.Type) < 2).Select(kind => kind.Type).ToList();
        None(problems);
        None(types.Keys.Where(type => Kinds.Find(type) is null).ToList());
    }

    [Theory]
    [InlineData("cases")]
    [InlineData("metadata")]
    public void Wire_bytes_decode_without_anything_unknown_and_encode_again(string section) => ForEach(section, (example, problems) =>
    {
        var bytes = example.Bytes("resourceBytes");
        var resource = ResourceCodec.Decode(bytes).Value;
        if (!KnowsAll(Proto.Parser.ParseFrom(bytes), bytes) || !KnowsAll(resource.SpecMessage!, resource.SpecBytes.Span))
            problems.Add($"{Name(example)}: unknown fields");

        if (!resource.SpecMessage!.Equals(Kinds.Find(resource.Metadata.Type)!.Spec!.Parser.ParseFrom(example.Bytes("specBytes"))))
            problems.Add($"{Name(example)}: another spec");

        // Map entries come in any order: compared as messages, and by size.
        var again = ResourceCodec.Encode(resource);
        if (again.Length != bytes.Length || !Proto.Parser.ParseFrom(again).Equals(Proto.Parser.ParseFrom(bytes)))
            problems.Add($"{Name(example)}: {Proto.Parser.ParseFrom(bytes)} became {Proto.Parser.ParseFrom(again)}");

        if (!ResourceCodec.ToProto(resource).Equals(Proto.Parser.ParseFrom(again)))
            problems.Add($"{Name(example)}: the message and the bytes written by hand differ");

        var other = ResourceCodec.FromProto(Proto.Parser.ParseFrom(bytes)).Value;
        if (!other.SameAs(resource) || (other.Metadata.Created, other.Metadata.Updated) != (resource.Metadata.Created, resource.Metadata.Updated))
            problems.Add($"{Name(example)}: the message and the bytes are read differently");

        var stored = ResourceCodec.DecodeFromStorage(ResourceCodec.EncodeForStorage(resource));
        if (!stored.SameAs(resource) || (stored.Metadata.Created, stored.Metadata.Updated) != (resource.Metadata.Created, resource.Metadata.Updated))
            problems.Add($"{Name(example)}: storage changes it");
    });

    [Theory]
    [InlineData("cases")]
    [InlineData("metadata")]
    [InlineData("compression.cases")]
    public void Specs_appear_in_yaml_as_upstream_writes_them(string section) => ForEach(section, (example, problems) =>
    {
        if (!example.Has("yamlSpec") || Resource(example) is not { } resource)
            return;

        if (SpecYaml.Of(resource) is var yaml && yaml != example.Text("yamlSpec"))
            problems.Add($"{Name(example)}: {Difference(example.Text("yamlSpec"), yaml)}");
    });

    [Theory]
    [InlineData("cases")]
    [InlineData("metadata")]
    [InlineData("compression.cases")]
    public void Documents_appear_as_omnictl_prints_them(string section) => ForEach(section, (example, problems) =>
    {
        if (!example.Has("getYaml") || Resource(example) is not { } resource)
            return;

        if (ResourceYaml.Render(resource) is var yaml && yaml != example.Text("getYaml"))
            problems.Add($"{Name(example)}: {Difference(example.Text("getYaml"), yaml)}");

        // omnictl itself sees no more than the text of the spec.
        var opaque = new OpaqueResource(resource.Metadata, default, example.Text("yamlSpec"));
        if (ResourceYaml.Render(opaque) is var shown && shown != example.Text("getYaml"))
            problems.Add($"{Name(example)} as text: {Difference(example.Text("getYaml"), shown)}");
    });

    [Theory]
    [InlineData("cases")]
    [InlineData("metadata")]
    [InlineData("compression.cases")]
    public void Json_appears_as_the_resource_service_returns_it(string section) => ForEach(section, (example, problems) =>
    {
        if (!example.Has("json") || Resource(example) is not { } resource)
            return;

        if (ResourceJson.Render(resource) is var json && json != example.Text("json"))
            problems.Add($"{Name(example)}: expected {example.Text("json")}, got {json}");
    });

    [Theory]
    [InlineData("cases")]
    [InlineData("metadata")]
    [InlineData("compression.cases")]
    public void Documents_can_be_read_back(string section) => ForEach(section, (example, problems) =>
    {
        if (!example.Has("getYaml") || Resource(example) is not { } resource)
            return;

        var read = ResourceYaml.Parse(example.Text("getYaml")).Value.Single();
        if (!read.Metadata.Equals(resource.Metadata) || read.Metadata.Updated.ToString() != resource.Metadata.Updated.ToString())
            problems.Add($"{Name(example)}: metadata {ResourceYaml.Render(read)}");

        if (!CompressedText.Expand(read.SpecMessage!).Value.Equals(CompressedText.Expand(resource.SpecMessage!).Value))
            problems.Add($"{Name(example)}: spec {SpecYaml.Of(read)}");
    });

    [Theory]
    [InlineData("cases")]
    [InlineData("compression.cases")]
    public void Json_of_a_spec_can_be_read_back(string section) => ForEach(section, (example, problems) =>
    {
        if (!example.Has("json") || Resource(example) is not { } resource)
            return;

        using var json = JsonDocument.Parse(example.Text("json"));
        var spec = ResourceJson.ParseSpec(resource.SpecMessage!.Descriptor, json.RootElement.GetProperty("spec").GetRawText()).Value;
        if (!CompressedText.Expand(spec).Value.Equals(CompressedText.Expand(resource.SpecMessage!).Value))
            problems.Add($"{Name(example)}: {spec}");
    });

    [Fact]
    public void Versions_and_phases_are_taken_or_refused_in_upstreams_words() => ForEach("metadataFromProto", (example, problems) =>
    {
        var proto = new Proto
        {
            Metadata = new Resources.Wire.Metadata
            {
                Namespace = "default",
                Type = "Clusters.omni.sidero.dev",
                Id = "c1",
                Version = example.Text("version"),
                Phase = example.Text("phase"),
            },
            Spec = new Spec(),
        };
        if (example.Has("labels"))
        {
            foreach (var label in example.GetProperty("labels").EnumerateObject())
                proto.Metadata.Labels.Add(label.Name, label.Value.GetString());
        }

        foreach (var outcome in new[] { ResourceCodec.FromProto(proto), ResourceCodec.Decode(proto.ToByteArray()) })
        {
            var expected = example.GetProperty("error").GetString();
            if (outcome.Fault?.Message != expected)
                problems.Add($"{example}: {outcome.Fault?.Message}");
            else if (expected is null && (outcome.Value.Metadata.Version.ToString(), outcome.Value.Metadata.Phase.ToWire()) != (example.Text("resultVersion"), example.Text("resultPhase")))
                problems.Add($"{example}: {outcome.Value}");
        }
    });

    [Fact]
    public void Large_texts_are_compressed_from_the_threshold_on_and_come_back() => ForEach("compression.cases", (example, problems) =>
    {
        if (!example.Has("uncompressed") || Kinds.Find(example.Text("type"))!.Spec!.Parser.ParseFrom(example.Bytes("specBytes")) is not { } theirs)
            return;

        var off = example.Text("compression") == "compression off";
        var plain = off ? theirs : CompressedText.Expand(theirs) is { Fault: null } expanded ? expanded.Value : null;
        if (plain is null)
            return;

        var packed = plain.Descriptor.Parser.ParseFrom(plain.ToByteArray());
        CompressedText.Pack(packed);
        var compressed = !packed.Equals(plain);
        if (compressed != example.GetProperty("uncompressedBytes").GetInt32() >= CompressedText.Threshold)
            problems.Add($"{Name(example)}: compressed: {compressed}");

        if (!CompressedText.Expand(packed).Value.Equals(plain))
            problems.Add($"{Name(example)}: doesn't come back");
    });

    [Fact]
    public void Frames_with_upstreams_dictionary_are_refused_by_name_and_all_others_are_read()
    {
        var (with, without) = (0, 0);
        ForEach("compression.cases", (example, problems) =>
        {
            var spec = Kinds.Find(example.Text("type"))!.Spec!.Parser.ParseFrom(example.Bytes("specBytes"));
            var frames = example.GetProperty("frames").EnumerateArray().Where(frame => frame.Has("dictionaryId")).ToList();
            var dictionary = frames.Any(frame => frame.GetProperty("dictionaryId").GetInt32() != 0);
            var outcome = CompressedText.Expand(spec);
            if (dictionary ? outcome.Fault is not Fault.Invalid || !outcome.Fault.Message.Contains("dictionary 1", StringComparison.Ordinal) : outcome.Fault is not null)
                problems.Add($"{Name(example)}: {outcome.Fault}");

            (with, without) = dictionary ? (with + 1, without) : (with, without + frames.Count);
        });

        Assert.True(with > 5 && without > 5);
    }

    [Fact]
    public void Json_input_is_taken_or_refused_as_upstream_does() => ForEach("jsonInput", (example, problems) =>
    {
        if (Kinds.Find(example.Text("type")) is not { } kind)
        {
            Assert.StartsWith("no resource is registered", example.Text("error"), StringComparison.Ordinal);
            return;
        }

        var outcome = ResourceJson.ParseSpec(kind.Spec!, example.Text("specJson"));
        if (example.Has("error") != outcome.Fault is not null)
            problems.Add($"{Name(example)}: expected {example.GetProperty("error")}, got {outcome.Fault}");
        else if (outcome.Fault is null && !Same(outcome.Value, kind.Spec!.Parser.ParseFrom(example.Has("specBytes") ? example.Bytes("specBytes") : []), example))
            problems.Add($"{Name(example)}: {outcome.Value}");
    });

    // Compressed bytes need not be equal, and upstream's are made with a dictionary that isn't here: then the text that was sent counts.
    private static bool Same(IMessage ours, IMessage theirs, JsonElement example)
    {
        var plain = CompressedText.Expand(ours).Value;
        if (CompressedText.Expand(theirs).Succeeded(out var expected, out _))
            return plain.Equals(expected);

        using var sent = JsonDocument.Parse(example.Text("specJson"));
        return !plain.Equals(ours) && ((ConfigPatchSpec)plain).Data == sent.RootElement.Text("data");
    }

    // Upstream's dictionary isn't here: what was made with it is only compared where the plain text is given beside it.
    private static Resources.Resource? Resource(JsonElement example)
    {
        var outcome = ResourceCodec.Decode(example.Bytes("resourceBytes"));
        if (outcome.Fault is { } fault)
        {
            Assert.Contains("dictionary", fault.Message, StringComparison.Ordinal);
            return null;
        }

        return outcome.Value;
    }

    private static string Name(JsonElement example) => $"{example.GetProperty("name")} {(example.Has("type") ? example.Text("type") : "")}";

    private static void ForEach(string section, Action<JsonElement, List<string>> check)
    {
        using var vectors = Vectors.Json(FileName);
        var list = section.Split('.').Aggregate(vectors.RootElement, (element, name) => element.GetProperty(name));
        var problems = new List<string>();
        foreach (var example in list.EnumerateArray())
            check(example, problems);

        None(problems);
    }
}
