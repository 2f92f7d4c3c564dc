using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Wire;
using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Server.Api;
using Fleethold.Server.States;
using Grpc.Core;
using Resource = Fleethold.Resources.Resource;

namespace Fleethold.Fuzz.Targets;

/// <summary>
/// Requests of the State API, read as the server reads them and done to a small state: what can't be read is the caller's fault, what was stored
/// comes back as it was sent.
/// </summary>
internal sealed class StateApiTarget : IFuzzTarget
{
    private static readonly Marshaller<GetRequest> Gets = Requests.Read(GetRequest.Parser, Requests.MaxQuery);
    private static readonly Marshaller<ListRequest> Lists = Requests.Read(ListRequest.Parser, Requests.MaxQuery);
    private static readonly Marshaller<WatchRequest> Watches = Requests.Read(WatchRequest.Parser, Requests.MaxQuery);

    public string Name => "state-api";

    public InputShape Shape => InputShape.Protobuf;

    public IReadOnlyList<string> Words { get; } =
    [
        "default", "meta", "virtual", "infra-provider", "Clusters.omni.sidero.dev", "ConfigPatches.omni.sidero.dev", "running", "tearingDown", "undefined", "1", "18446744073709551615",
    ];

    public IEnumerable<byte[]> Seeds => ExampleResources.All.Select(ResourceCodec.ToProto).SelectMany(static resource => new[]
    {
        Google.Protobuf.MessageExtensions.ToByteArray(new CreateRequest { Resource = resource, Options = new CreateOptions { Owner = "somebody" } }),
        Google.Protobuf.MessageExtensions.ToByteArray(new UpdateRequest { NewResource = resource, Options = new UpdateOptions { ExpectedPhase = "running" } }),
    }).Append(Google.Protobuf.MessageExtensions.ToByteArray(new ListRequest
    {
        Namespace = "default",
        Type = "Clusters.omni.sidero.dev",
        Options = new ListOptions { LabelQuery = { new Fleethold.Resources.Wire.LabelQuery { Terms = { new Fleethold.Resources.Wire.LabelTerm { Key = "a" } } } }, IdQuery = new IDQuery { Regexp = "a+" } },
    }));

    public long AllocationLimit(int inputLength) => 4_000_000 + (inputLength * 4_000L);

    public void Run(ReadOnlySpan<byte> input)
    {
        var message = input.ToArray();
        var memory = ResourceState.InMemory(TimeProvider.System);
        IState state = new OutsideState(memory);
        if (Read(WriteRequest.Create, message) is { } create && create.Resource().Succeeded(out var resource, out _))
        {
            Stored(state.Create(resource, create.Owner), state);
        }

        if (Read(WriteRequest.Update, message) is { } update && update.Resource().Succeeded(out var changed, out _))
        {
            Stored(state.Update(changed, update.Owner, expectedPhase: null), state);
        }

        if (Read(Gets, message) is { } get)
        {
            _ = Now(state.Get(new ResourceRef(get.Namespace, get.Type, get.Id)));
        }

        if (Read(Lists, message) is { } list
            && LabelQueryCodec.FromWire(list.Options?.LabelQuery ?? (IReadOnlyCollection<Fleethold.Resources.Wire.LabelQuery>)[], list.Options?.IdQuery).Succeeded(out var query, out _))
        {
            _ = Now(state.List(new KindRef(list.Namespace, list.Type), query));
        }

        if (Read(Watches, message) is { } watch)
        {
            Watched(state, watch);
        }
    }

    private static void Stored(ValueTask<Outcome<Resource>> write, IState state)
    {
        if (!Now(write).Succeeded(out var stored, out _))
        {
            return;
        }

        Check.Same(true, Now(state.Get(stored.Ref)).Value.SameAs(stored));
        Check.Same(true, ResourceCodec.Decode(ResourceCodec.Encode(stored)).Value.SameAs(stored));
    }

    private static void Watched(IState state, WatchRequest request)
    {
        var options = new Fleethold.Runtime.WatchOptions
        {
            BootstrapContents = request.Options?.BootstrapContents ?? false,
            BootstrapBookmark = request.Options?.BootstrapBookmark ?? false,
            TailEvents = Math.Max(0, request.Options?.TailEvents ?? 0),
            StartFromBookmark = request.Options?.StartFromBookmark?.Memory ?? ReadOnlyMemory<byte>.Empty,
        };
        if (state.WatchKind(new KindRef(request.Namespace, request.Type), ResourceQuery.All, options).Succeeded(out var watch, out _))
        {
            _ = watch.TakeAvailable(16);
            watch.Dispose();
        }
    }

    /// <summary>The request; null when it was refused as the caller's fault.</summary>
    private static T? Read<T>(Marshaller<T> marshaller, byte[] message)
        where T : class
    {
        try
        {
            return marshaller.ContextualDeserializer(new Payload(message));
        }
        catch (RpcException refused)
        {
            Check.Same(true, refused.StatusCode is StatusCode.InvalidArgument or StatusCode.ResourceExhausted);
            return null;
        }
    }

    /// <summary>What a state in memory answers at once.</summary>
    private static T Now<T>(ValueTask<T> answer) =>
        answer.IsCompleted ? answer.GetAwaiter().GetResult() : throw new InvalidOperationException("a state in memory has nothing to wait for");

    private sealed class Payload(byte[] message) : DeserializationContext
    {
        public override int PayloadLength => message.Length;

        public override byte[] PayloadAsNewBuffer() => message;

        public override System.Buffers.ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(message);
    }
}
