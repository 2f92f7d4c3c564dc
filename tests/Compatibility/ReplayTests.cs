using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Fleethold.Server.Tests;
using Fleethold.Testing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using WireResource = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Compatibility;

/// <summary>
/// The recorded session of omnictl, call by call, against our server in the same state: structure, order, codes and messages must be the same.
/// Versions and times are the server's own and are mapped; so is the bookmark, which nobody looks into.
/// </summary>
public class ReplayTests
{
    /// <summary>Later lines need controllers and are replayed with them.</summary>
    private const int LastLine = 202;

    private static readonly StatusCode[] OnlyDecoded = [StatusCode.InvalidArgument, StatusCode.PermissionDenied];

    [Fact]
    [Trait("Category", Vectors.Category)]
    public async Task Recorded_calls_are_answered_as_the_original_answered_them()
    {
        var calls = RecordedCall.OfState()
            .Where(call => call.Line <= LastLine && !call.ForTalos && !(call.Status is { } status && OnlyDecoded.Contains(status)))
            .ToList();

        // The recording says what controllers had made; ours would go on from there.
        await using var server = await RunningServer.Start(services: RunningServer.WithoutRules);
        var world = new World(server.State);
        var client = new RawState(server.SocketChannel());
        var differences = new List<string>();
        var answered = new Dictionary<string, int>();
        foreach (var call in calls)
        {
            try
            {
                await Replay(call, client, world);
            }
            catch (Xunit.Sdk.XunitException difference)
            {
                differences.Add($"{call}: {difference.Message}");
            }

            answered[call.StateMethod] = answered.GetValueOrDefault(call.StateMethod) + 1;
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
        Assert.Equal(
            "Create 2, Get 117, List 64, TeardownAndDestroy 1, Update 5, Watch 1",
            string.Join(", ", answered.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}")));

        // So many resources were as earlier answers had left them; the others are seen first in their answer, or were changed unseen before it.
        Assert.Equal((17, 18), (world.Foretold, world.Learned));
    }

    private static Task Replay(RecordedCall call, RawState client, World world) => call.StateMethod switch
    {
        "Get" => Get(call, client, world),
        "List" => List(call, client, world),
        "Watch" => Watch(call, client, world),
        "Create" => Create(call, client, world),
        "Update" => Update(call, client, world),
        "TeardownAndDestroy" => TeardownAndDestroy(call, client, world),
        _ => throw new InvalidOperationException($"{call} is not expected in this part of the session"),
    };

    private static async Task Get(RecordedCall call, RawState client, World world)
    {
        var request = GetRequest.Parser.ParseFrom(call.Requests[0]);
        if (call.Status == StatusCode.OK)
        {
            await world.Has(GetResponse.Parser.ParseFrom(call.Responses[0]).Resource);
        }
        else
        {
            await world.HasNot(new ResourceRef(request.Namespace, request.Type, request.Id));
        }

        await SameAnswer(call, client, call.Requests[0], GetResponse.Parser, answer => answer.Resource);
    }

    private static async Task List(RecordedCall call, RawState client, World world)
    {
        var request = ListRequest.Parser.ParseFrom(call.Requests[0]);
        var kind = new KindRef(request.Namespace, request.Type);
        var query = LabelQueryCodec.FromWire(request.Options.LabelQuery, request.Options.IdQuery).Value;
        await world.Lists(kind, query, [.. call.Responses.Select(bytes => ListResponse.Parser.ParseFrom(bytes).Resource)]);

        await SameAnswer(call, client, call.Requests[0], ListResponse.Parser, answer => answer.Resource);
    }

    private static async Task Watch(RecordedCall call, RawState client, World world)
    {
        var request = WatchRequest.Parser.ParseFrom(call.Requests[0]);
        var recorded = call.Responses.Select(WatchResponse.Parser.ParseFrom).ToList();
        Assert.True(request.Options.BootstrapContents && !request.HasId, "this part of the session has only watches of a kind with bootstrap");
        Assert.Equal(EventType.Bootstrapped, recorded[^1].Event.Single().EventType);
        var query = LabelQueryCodec.FromWire(request.Options.LabelQuery, request.Options.IdQuery).Value;
        await world.Lists(
            new KindRef(request.Namespace, request.Type),
            query,
            [.. recorded.SelectMany(message => message.Event).Where(one => one.EventType == EventType.Created).Select(one => one.Resource)]);

        var (messages, status) = await client.Call("Watch", call.Requests[0], recorded.Count);

        Assert.Equal(StatusCode.OK, status.StatusCode);
        Assert.Equal(recorded.Select(Mapped), messages.Select(WatchResponse.Parser.ParseFrom).Select(Mapped));
    }

    private static async Task Create(RecordedCall call, RawState client, World world)
    {
        var request = CreateRequest.Parser.ParseFrom(call.Requests[0]);
        var recorded = CreateResponse.Parser.ParseFrom(call.Responses[0]).Resource;
        await world.HasNot(World.RefOf(request.Resource));

        var ours = await SameAnswer(call, client, call.Requests[0], CreateResponse.Parser, answer => answer.Resource);

        // What the sender says of the last update stays; the version begins at 1.
        Assert.Equal(recorded.Metadata.Updated, ours[0].Metadata.Updated);
        Assert.Equal("1", ours[0].Metadata.Version);
        world.Wrote(recorded);
    }

    private static async Task Update(RecordedCall call, RawState client, World world)
    {
        var request = UpdateRequest.Parser.ParseFrom(call.Requests[0]);
        var recorded = UpdateResponse.Parser.ParseFrom(call.Responses[0]).Resource;
        var reference = World.RefOf(request.NewResource);
        var step = ulong.Parse(recorded.Metadata.Version, System.Globalization.CultureInfo.InvariantCulture)
            - ulong.Parse(request.NewResource.Metadata.Version, System.Globalization.CultureInfo.InvariantCulture);
        var before = await world.VersionOf(reference);
        request.NewResource.Metadata.Version = before;

        var ours = await SameAnswer(call, client, request.ToByteArray(), UpdateResponse.Parser, answer => answer.Resource);

        Assert.Equal((ulong.Parse(before, System.Globalization.CultureInfo.InvariantCulture) + step).ToString(System.Globalization.CultureInfo.InvariantCulture), ours[0].Metadata.Version);
        world.Wrote(recorded);
    }

    private static async Task TeardownAndDestroy(RecordedCall call, RawState client, World world)
    {
        var request = TeardownAndDestroyRequest.Parser.ParseFrom(call.Requests[0]);
        Assert.Equal(StatusCode.NotFound, call.Status);
        await world.HasNot(new ResourceRef(request.Namespace, request.Type, request.Id));

        await SameAnswer(call, client, call.Requests[0], TeardownAndDestroyResponse.Parser, _ => null);
    }

    /// <summary>Makes the call and compares; returns the resources of our answer.</summary>
    private static async Task<IReadOnlyList<WireResource>> SameAnswer<T>(
        RecordedCall call, RawState client, byte[] request, MessageParser<T> parser, Func<T, WireResource?> resource)
        where T : IMessage<T>
    {
        var (messages, status) = await client.Call(call.StateMethod, request);

        Assert.Equal((call.Status, call.Message), (status.StatusCode, status.Detail));
        var ours = messages.Select(parser.ParseFrom).Select(resource).OfType<WireResource>().ToList();
        var recorded = call.Responses.Select(parser.ParseFrom).Select(resource).OfType<WireResource>().ToList();
        Assert.Equal(call.Responses.Count, messages.Count);
        Assert.Equal(recorded.Select(Mapped), ours.Select(Mapped));
        return ours;
    }

    private static WatchResponse Mapped(WatchResponse message)
    {
        var mapped = message.Clone();
        foreach (var one in mapped.Event)
        {
            one.Resource = one.Resource is null ? null : Mapped(one.Resource);
            one.Old = one.Old is null ? null : Mapped(one.Old);
            if (one.HasBookmark)
            {
                Assert.NotEmpty(one.Bookmark);
                one.Bookmark = ByteString.CopyFromUtf8("bookmark");
            }
        }

        return mapped;
    }

    /// <summary>A resource without what each server makes for itself: the version (but whether there is one), the times, and which release of the original it was.</summary>
    private static WireResource Mapped(WireResource resource)
    {
        var mapped = resource.Clone();
        var metadata = mapped.Metadata;
        metadata.Version = metadata.Version == "undefined" ? "undefined" : "version";
        Assert.NotNull(metadata.Created);
        Assert.NotNull(metadata.Updated);
        metadata.Created = metadata.Updated = new Timestamp();
        if (metadata.Type == Kinds.SysVersions.Type)
        {
            var spec = Resources.Specs.SysVersionSpec.Parser.ParseFrom(mapped.Spec.ProtoSpec);
            var release = spec.BackendVersion;
            spec.BackendVersion = "v1.10";
            Assert.StartsWith("v1.10.0", release, StringComparison.Ordinal);
            mapped.Spec.ProtoSpec = spec.ToByteString();
            mapped.Spec.YamlSpec = mapped.Spec.YamlSpec.Replace(release, spec.BackendVersion, StringComparison.Ordinal);
        }

        return mapped;
    }
}
