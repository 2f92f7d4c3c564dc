using Fleethold.Resources.Wire.Common;
using Fleethold.Resources.Wire.Management;
using Fleethold.Server.Machines;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Server.Api;

/// <summary>The methods of the management API about logs of machines (reference/siderolink.md 8.3, reference/management-proto.md 1.4).</summary>
internal sealed class MachineLogMethods(LogSink sink, IHostApplicationLifetime lifetime)
{
    /// <summary>
    /// Sends the lines of a machine, one a message, without newlines: the last <c>tail_lines</c> of the stored ones, all when it is negative, and
    /// then, when they are followed, each new one. A followed log ends well when its machine is removed, when the caller goes and when the server stops.
    /// </summary>
    /// <exception cref="RpcException">InvalidArgument without an id; NotFound when nothing is stored of the machine.</exception>
    public async Task MachineLogs(MachineLogsRequest request, IServerStreamWriter<Data> stream, CancellationToken cancellation)
    {
        if (request.MachineId.Length == 0)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "machine id is required"));
        }

        if (!sink.Store.Has(request.MachineId))
        {
            throw new RpcException(new Status(
                StatusCode.NotFound, $"failed to get log store for machine \"{request.MachineId}\": log store not found: {request.MachineId}"));
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        try
        {
            await foreach (var line in sink.Store.Read(request.MachineId, request.TailLines, request.Follow, end.Token))
            {
                await stream.WriteAsync(new Data { Bytes = UnsafeByteOperations.UnsafeWrap(line) }, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && request.Follow)
        {
            // That is how following ends.
        }
    }
}
