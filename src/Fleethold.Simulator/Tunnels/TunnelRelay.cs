using System.Net;
using System.Threading.Channels;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Simulator.Tunnels;

/// <summary>
/// Carries the datagrams of one machine in a gRPC stream (reference/siderolink.md 5): opened at once and again 10 s after it couldn't be, or 5 s after
/// the server ended it. What doesn't fit the queue of 100 drops the oldest.
/// </summary>
internal sealed class TunnelRelay(WireGuardOverGRPCService.WireGuardOverGRPCServiceClient api, string virtualAddress, TimeProvider clock)
{
    private const string AddressHeader = "x-siderolink-ipv6-addr";
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AfterEnd = TimeSpan.FromSeconds(5);

    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(100) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>What the server called the tunnel.</summary>
    public string VirtualAddress { get; } = virtualAddress;

    /// <summary>The endpoint that stands for it.</summary>
    public PeerEndpoint Endpoint { get; } = IPEndPoint.Parse(virtualAddress) is var parsed ? PeerEndpoint.Tunnel(parsed.Address, parsed.Port) : default;

    /// <summary>Takes a copy of a datagram. Never blocks.</summary>
    public void Send(ReadOnlySpan<byte> datagram) => _outgoing.Writer.TryWrite(datagram.ToArray());

    /// <summary>Carries until it is cancelled; nothing is thrown then.</summary>
    /// <param name="received">Takes what came; the memory is its own.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task Run(Action<Memory<byte>> received, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var pause = AfterFailure;
            try
            {
                await Carry(received, cancellation);
                pause = AfterEnd;
            }
            catch (RpcException end)
            {
                pause = end.StatusCode is StatusCode.Aborted or StatusCode.PermissionDenied ? AfterEnd : AfterFailure;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await Task.Delay(pause, clock, cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task Carry(Action<Memory<byte>> received, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var call = api.CreateStream(new Metadata { { AddressHeader, VirtualAddress } }, cancellationToken: ended.Token);
        var sending = Forward(call.RequestStream, ended.Token);
        try
        {
            while (await call.ResponseStream.MoveNext(ended.Token))
            {
                received(call.ResponseStream.Current.Data.ToByteArray());
            }
        }
        finally
        {
            await ended.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Forward(IClientStreamWriter<PeerPacket> stream, CancellationToken cancellation)
    {
        await foreach (var datagram in _outgoing.Reader.ReadAllAsync(cancellation))
        {
            await stream.WriteAsync(new PeerPacket { Data = UnsafeByteOperations.UnsafeWrap(datagram) }, cancellation);
        }
    }
}
