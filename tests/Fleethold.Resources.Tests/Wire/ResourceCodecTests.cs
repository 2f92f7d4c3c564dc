using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;
using Google.Protobuf;
using Proto = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Resources.Tests.Wire;

public class ResourceCodecTests
{
    private static Resources.Resource<ClusterSpec> Example { get; } = Described(Kinds.Clusters.New("c1", new ClusterSpec { TalosVersion = "1.11.2" }));

    [Fact]
    public void Parts_that_are_missing_are_named_in_cosis_words()
    {
        Assert.Equal("metadata is missing", ResourceCodec.FromProto(null).Fault!.Message);
        Assert.Equal("metadata is missing", ResourceCodec.FromProto(new Proto { Spec = new Spec() }).Fault!.Message);
        Assert.Equal("spec is missing", ResourceCodec.FromProto(new Proto { Metadata = new Resources.Wire.Metadata { Version = "1", Phase = "running" } }).Fault!.Message);
        Assert.Equal("metadata is missing", ResourceCodec.Decode(ReadOnlyMemory<byte>.Empty).Fault!.Message);
        Assert.Equal("spec is missing", ResourceCodec.Decode(new byte[] { 0x0a, 0x00 }).Fault!.Message);
    }

    [Fact]
    public void Garbage_in_the_spec_of_a_known_kind_is_refused_at_once_and_in_an_unknown_kind_kept()
    {
        var proto = ResourceCodec.ToProto(Example);
        proto.Spec.ProtoSpec = ByteString.CopyFrom(0x12, 0x7f, 0x01);
        Assert.IsType<Fault.Invalid>(ResourceCodec.FromProto(proto).Fault);

        proto.Metadata.Type = "Things.prov.infraprovider.sidero.dev";
        proto.Spec.YamlSpec = "a: 1\n";
        var opaque = Assert.IsType<OpaqueResource>(ResourceCodec.FromProto(proto).Value);
        Assert.Equal("a: 1\n", opaque.Yaml);
        Assert.Equal(proto, ResourceCodec.ToProto(opaque));
        Assert.Equal(proto, Proto.Parser.ParseFrom(ResourceCodec.Encode(opaque)));
        Assert.True(ResourceCodec.DecodeFromStorage(ResourceCodec.EncodeForStorage(opaque)).SameAs(opaque));
    }

    [Fact]
    public void The_yaml_that_a_client_sends_for_a_known_kind_is_ignored()
    {
        var proto = ResourceCodec.ToProto(Example);
        proto.Spec.YamlSpec = "talosversion: 9.9.9\n";

        Assert.Equal("1.11.2", ((Resources.Resource<ClusterSpec>)ResourceCodec.FromProto(proto).Value).Spec.TalosVersion);
    }

    [Fact]
    public void Storage_keeps_all_but_the_yaml_and_shares_the_texts_that_resources_have_in_common()
    {
        var bytes = ResourceCodec.EncodeForStorage(Example);
        Assert.Equal("", Proto.Parser.ParseFrom(bytes).Spec.YamlSpec);

        // A text is shared from its second occurrence on.
        ResourceCodec.DecodeFromStorage(bytes);
        var (one, other) = (ResourceCodec.DecodeFromStorage(bytes), ResourceCodec.DecodeFromStorage(bytes));
        Assert.True(one.SameAs(Example));
        Assert.Equal((Example.Metadata.Created, Example.Metadata.Updated), (one.Metadata.Created, one.Metadata.Updated));
        Assert.Same(one.Metadata.Type, other.Metadata.Type);
        Assert.Same(one.Metadata.Labels.Pairs[0].Key, other.Metadata.Labels.Pairs[0].Key);
    }

    [Fact]
    public void A_damaged_spec_in_storage_shows_when_it_is_first_asked_for()
    {
        var damaged = ResourceCodec.EncodeForStorage(Kinds.Clusters.Wrap(Example.Metadata, new byte[] { 0x12, 0x7f, 0x01 }));

        var resource = ResourceCodec.DecodeFromStorage(damaged);

        Assert.Throws<InvalidProtocolBufferException>(() => resource.SpecMessage);
    }

    [Fact]
    public void Times_that_no_calendar_has_are_brought_into_range()
    {
        var proto = ResourceCodec.ToProto(Example);
        proto.Metadata.Created.Seconds = long.MaxValue;
        proto.Metadata.Created.Nanos = int.MaxValue;
        proto.Metadata.Updated.Seconds = 10;
        proto.Metadata.Updated.Nanos = -1;

        foreach (var outcome in new[] { ResourceCodec.FromProto(proto), ResourceCodec.Decode(proto.ToByteArray()) })
        {
            Assert.Equal("9999-12-31T23:59:59Z", outcome.Value.Metadata.Created.ToString());
            Assert.Equal(new Instant(9, 999_999_999), outcome.Value.Metadata.Updated);
            Assert.NotEmpty(ResourceYaml.Render(outcome.Value));
            Assert.NotEmpty(ResourceJson.Render(outcome.Value));
        }
    }

    [Fact]
    public void Whatever_bytes_come_the_answer_is_a_resource_that_can_be_shown_or_a_fault()
    {
        var kinds = Kinds.All.Where(kind => kind.Spec is not null).ToArray();
        const int seed = 20260;
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = round % 2 == 0 ? Mutated(ResourceCodec.Encode(Example), random) : WithSpec(kinds[round % kinds.Length], random);
            var outcome = ResourceCodec.Decode(bytes);
            if (outcome.Fault is { } fault)
            {
                Assert.True(fault is Fault.Invalid && fault.Message.Length > 0, $"seed {seed}, round {round}");
                continue;
            }

            try
            {
                ResourceYaml.Render(outcome.Value);
                ResourceJson.Render(outcome.Value);
                Assert.True(ResourceCodec.DecodeFromStorage(ResourceCodec.EncodeForStorage(outcome.Value)).SameAs(outcome.Value), $"seed {seed}, round {round}: storage changes it");
                Assert.Null(ResourceCodec.Decode(ResourceCodec.Encode(outcome.Value)).Fault);
            }
            catch (Exception failed) when (failed is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"seed {seed}, round {round}: {Convert.ToBase64String(bytes)}: {failed}");
            }
        }
    }

    [Fact]
    public void Messages_nested_too_deep_are_refused()
    {
        var deep = Array.Empty<byte>();
        for (var level = 0; level < 5000; level++)
            deep = Prefixed(0x0a, deep);

        // A field that nobody knows is skipped whole; one that is known nests as deep as its schema.
        Assert.Null(Record.Exception(() => ResourceCodec.Decode(deep)));
        Assert.Null(Record.Exception(() => ResourceCodec.Decode(WithSpecBytes(Kinds.AccessPolicies, deep))));
    }

    [Fact]
    public void A_frame_that_would_grow_without_end_is_refused()
    {
        var bomb = new ConfigPatchSpec { Data = new string('x', CompressedText.MaxPlainBytes + 1) };
        CompressedText.Pack(bomb);
        Assert.True(bomb.CompressedData.Length < 10_000);

        Assert.Contains("more than", ResourceCodec.Decode(WithSpecBytes(Kinds.ConfigPatches, bomb.ToByteArray())).Fault!.Message, StringComparison.Ordinal);
        Assert.IsType<Fault.Invalid>(ResourceCodec.Decode(WithSpecBytes(Kinds.ConfigPatches, new ConfigPatchSpec { CompressedData = ByteString.CopyFromUtf8("no frame") }.ToByteArray())).Fault);

        var cut = new ConfigPatchSpec { CompressedData = ByteString.CopyFrom(bomb.CompressedData.Span[..20]) };
        Assert.IsType<Fault.Invalid>(ResourceCodec.Decode(WithSpecBytes(Kinds.ConfigPatches, cut.ToByteArray())).Fault);
    }

    private static Resources.Resource<ClusterSpec> Described(Resources.Resource<ClusterSpec> resource) => resource.With(resource.Metadata with
    {
        Version = new ResourceVersion(12),
        Owner = "SomeController",
        Created = new Instant(1_754_302_272, 7),
        Updated = new Instant(1_754_302_272, 999_999_999),
        Labels = StringMap.Of(("omni.sidero.dev/role-worker", ""), ("zone", "ž")),
        Annotations = StringMap.Of(("note", "a: b")),
        Finalizers = ["One", "Two"],
    });

    private static byte[] Mutated(byte[] bytes, Random random)
    {
        var copy = bytes.ToList();
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            var at = random.Next(copy.Count);
            switch (random.Next(4))
            {
                case 0:
                    copy[at] = (byte)random.Next(256);
                    break;
                case 1:
                    copy[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    copy.RemoveAt(at);
                    break;
                default:
                    copy.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        return [.. copy];
    }

    private static byte[] WithSpec(ResourceKind kind, Random random)
    {
        var bytes = new byte[random.Next(1, 40)];
        random.NextBytes(bytes);
        // A plausible first tag, so that not all of it is refused at once.
        bytes[0] = (byte)(random.Next(1, 16) << 3 | 2);
        if (bytes.Length > 1)
            bytes[1] = (byte)Math.Min(bytes.Length - 2, random.Next(0, 40));

        return WithSpecBytes(kind, bytes);
    }

    private static byte[] WithSpecBytes(ResourceKind kind, byte[] spec)
    {
        var metadata = ResourceCodec.ToProto(Example).Metadata;
        metadata.Type = kind.Type;
        return [.. Prefixed(0x0a, metadata.ToByteArray()), .. Prefixed(0x12, Prefixed(0x0a, spec))];
    }

    private static byte[] Prefixed(byte tag, byte[] content)
    {
        using var buffer = new MemoryStream();
        using var output = new CodedOutputStream(buffer);
        output.WriteRawTag(tag);
        output.WriteLength(content.Length);
        output.Flush();
        buffer.Write(content);
        return buffer.ToArray();
    }
}
