using System.Runtime.InteropServices;
using Fleethold.Server.Api;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Server.Machines;

/// <summary>
/// <c>sidero.link.WireGuardOverGRPCService</c>: carries a machine's datagrams in a stream, both ways, one to a message (reference/siderolink.md 5).
/// Each stream hands its datagrams to the engine one after another, so the flow control of HTTP/2 bounds what one machine can have waiting, and none holds up others.
/// </summary>
internal sealed class TunnelService(StreamTable streams, IDatagramInput input) : WireGuardOverGRPCService.WireGuardOverGRPCServiceBase
{
    /// <summary>The largest message: a datagram of UDP's greatest length and its framing.</summary>
    public const int MaxMessage = 65_535 + 16;

    private static readonly WriteOptions Uncompressed = new(WriteFlags.NoCompress);

    public override async Task CreateStream(IAsyncStreamReader<PeerPacket> requestStream, IServerStreamWriter<PeerPacket> responseStream, ServerCallContext context)
    {
        var stream = Open(context);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        responseStream.WriteOptions = Uncompressed;
        try
        {
            // A machine waits for the headers before it counts its stream as there.
            await context.WriteResponseHeadersAsync([]);
            var receiving = Receive(requestStream, stream, ending.Token);
            var sending = Send(responseStream, stream, ending.Token);
            await Task.WhenAny(receiving, sending, stream.Ended);
            await ending.CancelAsync();
            await Quietly(receiving);
            await Quietly(sending);
            if (stream.Ended.IsCompletedSuccessfully)
            {
                throw new RpcException(StatusOf(await stream.Ended));
            }

            if (receiving.IsFaulted)
            {
                await receiving;
            }
        }
        finally
        {
            streams.Close(stream);
        }
    }

    private static Status StatusOf(StreamEnd end) => end switch
    {
        StreamEnd.Replaced => new Status(StatusCode.Aborted, "peer replaced"),
        StreamEnd.NotAllowed => new Status(StatusCode.PermissionDenied, "peer not allowed"),
        _ => new Status(StatusCode.Unavailable, Refusal.Stopping),
    };

    private static async Task Quietly(Task pump) => await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task Send(IServerStreamWriter<PeerPacket> responses, TunnelStream stream, CancellationToken ending)
    {
        // The message is written out before the call returns, so one serves for all.
        var message = new PeerPacket();
        while (await stream.Queue.Wait(ending))
        {
            while (!ending.IsCancellationRequested && stream.Queue.TryTake(out var datagram))
            {
                using (datagram)
                {
                    message.Data = UnsafeByteOperations.UnsafeWrap(datagram.Bytes);
                    await responses.WriteAsync(message, ending);
                }
            }
        }
    }

    private async Task Receive(IAsyncStreamReader<PeerPacket> requests, TunnelStream stream, CancellationToken ending)
    {
        while (await requests.MoveNext(ending))
        {
            // The bytes are this message's alone, and nobody reads it after the engine.
            var datagram = MemoryMarshal.AsMemory(requests.Current.Data.Memory);
            if (!datagram.IsEmpty)
            {
                input.Receive(datagram, stream.Endpoint);
            }
        }
    }

    private TunnelStream Open(ServerCallContext context)
    {
        var header = context.RequestHeaders.GetValue(TunnelHeader.Name) ?? throw Unknown("failed to get peer address from context");
        if (!TunnelHeader.TryParse(header, out var endpoint))
        {
            throw Unknown($"incorrect header value \"{Shown(header)}\": not an ip:port");
        }

        return streams.Open(endpoint) ?? throw new RpcException(StatusOf(StreamEnd.NotAllowed));
    }

    private static string Shown(string header) => header.Length > 64 ? header[..64] : header;

    private static RpcException Unknown(string why) => new(new Status(StatusCode.Unknown, why));
}
