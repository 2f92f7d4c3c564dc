using Fleethold.Resources.Wire;
using Fleethold.Server.Api;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Server.Tests;

/// <summary>Alone, for some measure what the whole process allocates.</summary>
[CollectionDefinition(nameof(LimitTests), DisableParallelization = true)]
public class LimitCollection;

[Collection(nameof(LimitTests))]
public class LimitTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);
    private static readonly Grpc.Core.Metadata Gzip = new() { { "grpc-internal-encoding-request", "gzip" } };

    [Fact]
    public async Task A_message_beyond_the_limit_is_ResourceExhausted()
    {
        await using var server = await RunningServer.Start();

        var status = await Call(server, "Create", new byte[Requests.MaxMessage + 1]);

        Assert.Equal(StatusCode.ResourceExhausted, status.StatusCode);
    }

    [Fact]
    public async Task A_message_that_unpacks_beyond_the_limit_is_ResourceExhausted_and_costs_bounded_memory()
    {
        await using var server = await RunningServer.Start();
        var bomb = new byte[400 * 1024 * 1024];
        var before = GC.GetTotalAllocatedBytes();

        var status = await Call(server, "Create", bomb, Gzip);

        Assert.Equal(StatusCode.ResourceExhausted, status.StatusCode);
        var cost = GC.GetTotalAllocatedBytes() - before;
        Assert.True(cost < 300L * 1024 * 1024, $"{cost} bytes were allocated");
    }

    [Fact]
    public async Task Requests_without_a_resource_have_a_lower_limit()
    {
        await using var server = await RunningServer.Start();
        var large = new GetRequest { Namespace = "default", Type = Messages.Clusters, Id = new string('x', Requests.MaxQuery) };

        Assert.Equal(StatusCode.ResourceExhausted, (await Call(server, "Get", large.ToByteArray())).StatusCode);
    }

    [Fact]
    public async Task What_is_not_protobuf_is_InvalidArgument_for_every_method()
    {
        await using var server = await RunningServer.Start();

        foreach (var method in State.Descriptor.Methods)
        {
            var status = await Call(server, method.Name, [0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f], type: method.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary);
            Assert.True(status.StatusCode == StatusCode.InvalidArgument, $"{method.Name}: {status}");
        }
    }

    [Fact]
    public async Task Requests_may_be_compressed_and_large_answers_to_such_clients_are()
    {
        await using var server = await RunningServer.Start();
        var resource = Messages.Cluster("c1", labels: [.. Enumerable.Range(0, 100).Select(index => ($"label-{index}", "some value that repeats"))]);
        var request = new CreateRequest { Resource = resource }.ToByteArray();

        Assert.Equal(StatusCode.OK, (await Call(server, "Create", request, Gzip)).StatusCode);
        var get = new GetRequest { Namespace = "default", Type = Messages.Clusters, Id = "c1" };
        var (compressed, flag) = await server.RawGet(get, "grpc-accept-encoding", "grpc-encoding");
        var (plain, plainFlag) = await server.RawGet(get, "grpc-encoding");
        var (_, localFlag) = await server.RawGet(get, "grpc-accept-encoding");

        Assert.Equal((1, 0, 0), (flag, plainFlag, localFlag));
        Assert.True(compressed < plain / 3, $"{compressed} of {plain} bytes");
    }

    [Fact]
    public async Task Small_messages_that_stand_for_millions_of_values_are_refused_before_they_are_decoded()
    {
        await using var server = await RunningServer.Start();
        var manyFinalizers = Messages.Cluster("c1");
        manyFinalizers.Metadata.Finalizers.AddRange(Enumerable.Repeat("x", 1_000_000));
        var manyMessages = Messages.Cluster("c2");
        manyMessages.Metadata.Type = "ClusterStatuses.omni.sidero.dev";
        manyMessages.Spec.ProtoSpec = ByteString.CopyFrom([.. Enumerable.Repeat<byte[]>([0x12, 0x00], 2_000_000).SelectMany(pair => pair)]);
        var manyBytes = Messages.Cluster("c3");
        manyBytes.Metadata.Type = "ClusterSecrets.omni.sidero.dev";
        manyBytes.Spec.ProtoSpec = new Fleethold.Resources.Specs.ClusterSecretsSpec { Data = ByteString.CopyFrom(new byte[4_000_000]) }.ToByteString();
        foreach (var resource in (Resource[])[manyFinalizers, manyMessages, manyBytes])
        {
            var request = new CreateRequest { Resource = resource }.ToByteArray();
            var before = GC.GetTotalAllocatedBytes();

            var status = await Call(server, "Create", request);

            Assert.Equal(StatusCode.InvalidArgument, status.StatusCode);
            Assert.Contains("more than", status.Detail, StringComparison.Ordinal);
            var cost = GC.GetTotalAllocatedBytes() - before;
            Assert.True(cost < 12L * request.Length, $"{cost} bytes were allocated for {request.Length}");
        }
    }

    [Fact]
    public async Task A_list_of_many_resources_comes_whole()
    {
        await using var server = await RunningServer.Start();
        var state = server.State;
        for (var index = 0; index < 5000; index++)
        {
            _ = (await state.Create(Fleethold.Resources.Kinds.Clusters.New($"c{index:0000}"))).Value;
        }

        Assert.Equal(5000, (await server.Socket().ListClusters()).Count);
    }

    private static Task<Status> Call(RunningServer server, string method, byte[] request, Grpc.Core.Metadata? headers = null, MethodType type = MethodType.Unary)
    {
        var invoker = server.SocketChannel().CreateCallInvoker();
        var options = new CallOptions(headers, cancellationToken: Fleethold.Testing.Deadline.Token);
        var called = new Method<byte[], byte[]>(type, "cosi.resource.State", method, Bytes, Bytes);
        return RunningServer.StatusOf(async () =>
        {
            if (type == MethodType.Unary)
            {
                await invoker.AsyncUnaryCall(called, null, options, request);
                return;
            }

            using var call = invoker.AsyncServerStreamingCall(called, null, options, request);
            await call.ResponseStream.MoveNext(Fleethold.Testing.Deadline.Token);
        });
    }
}
