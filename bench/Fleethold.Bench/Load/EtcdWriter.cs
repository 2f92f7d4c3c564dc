using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Bench.Load;

/// <summary>Writes to etcd with its Put, by the same kind of client.</summary>
internal sealed class EtcdWriter(CallInvoker etcd, string name, Payload payload) : IWriter
{
    private static readonly Method<PutRequest, byte[]> Put = new(
        MethodType.Unary,
        "etcdserverpb.KV",
        "Put",
        Marshallers.Create<PutRequest>(static put => put.Encode(), static _ => throw new NotSupportedException("a client reads no requests")),
        Marshallers.Create<byte[]>(static answer => answer, static answer => answer));

    private long _written;

    /// <inheritdoc/>
    public async Task Write(CancellationToken cancellation)
    {
        var number = _written++;
        using var call = etcd.AsyncUnaryCall(Put, null, new CallOptions(cancellationToken: cancellation), new PutRequest($"/bench/{name}-{number / 4}", payload.Bytes(number)));
        await call.ResponseAsync;
    }

    private sealed record PutRequest(string Key, byte[] Value)
    {
        // key = 1, value = 2.
        public byte[] Encode()
        {
            var encoded = new byte[2 + Key.Length + 1 + CodedOutputStream.ComputeLengthSize(Value.Length) + Value.Length];
            using var output = new CodedOutputStream(encoded);
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteString(Key);
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(Value));
            output.Flush();
            return encoded;
        }
    }
}
