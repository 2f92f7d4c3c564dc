using System.Net;
using Fleethold.Controllers.Machines;
using Fleethold.SideroLink.Wire;
using Grpc.Core;

namespace Fleethold.Server.Machines;

/// <summary><c>events.EventSinkService</c>, inside the tunnel (reference/siderolink.md 8.1). A machine is known by the address that its connection comes from.</summary>
internal sealed class EventSinkEndpoint(MachineEvents events) : EventSinkService.EventSinkServiceBase
{
    /// <summary>The largest event; the default of the clients' library.</summary>
    public const int MaxMessage = 4 * 1024 * 1024;

    private static readonly WriteOptions Uncompressed = new(WriteFlags.NoCompress);
    private static readonly EventResponse Acknowledged = new();

    public override async Task<EventResponse> Publish(EventRequest request, ServerCallContext context)
    {
        context.WriteOptions = Uncompressed;
        var from = context.GetHttpContext().Connection.RemoteIpAddress ?? IPAddress.IPv6None;
        var outcome = await events.Publish(from, request, context.CancellationToken);
        return outcome.Code == StatusCode.OK ? Acknowledged : throw new RpcException(new Status(outcome.Code, outcome.Message));
    }
}
