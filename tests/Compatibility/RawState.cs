using Fleethold.Testing;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleethold.Compatibility;

/// <summary>Sends recorded messages byte for byte, compressed as the recorded client did, and returns what comes back as bytes.</summary>
internal sealed class RawState(GrpcChannel channel)
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);
    private static readonly Grpc.Core.Metadata Compressed = new() { { "grpc-internal-encoding-request", "gzip" } };

    private readonly CallInvoker _invoker = channel.CreateCallInvoker();

    /// <summary>A whole call: the messages and how it ended.</summary>
    /// <param name="method">The method of the State service.</param>
    /// <param name="request">The request.</param>
    /// <param name="expectedMessages">A stream that has no end of its own is left after so many messages.</param>
    public async Task<(IReadOnlyList<byte[]> Messages, Status Status)> Call(string method, byte[] request, int? expectedMessages = null)
    {
        var descriptor = Resources.Wire.State.Descriptor.FindMethodByName(method);
        var options = new CallOptions(Compressed, cancellationToken: Deadline.Token);
        var messages = new List<byte[]>();
        try
        {
            if (!descriptor.IsServerStreaming)
            {
                messages.Add(await _invoker.AsyncUnaryCall(Of(method, MethodType.Unary), null, options, request));
                return (messages, Status.DefaultSuccess);
            }

            using var call = _invoker.AsyncServerStreamingCall(Of(method, MethodType.ServerStreaming), null, options, request);
            while ((expectedMessages is null || messages.Count < expectedMessages) && await call.ResponseStream.MoveNext(Deadline.Token))
            {
                messages.Add(call.ResponseStream.Current);
            }

            return (messages, expectedMessages is null ? call.GetStatus() : Status.DefaultSuccess);
        }
        catch (RpcException ended)
        {
            return (messages, ended.Status);
        }
    }

    private static Method<byte[], byte[]> Of(string name, MethodType type) => new(type, "cosi.resource.State", name, Bytes, Bytes);
}
