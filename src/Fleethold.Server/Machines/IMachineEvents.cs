using System.Net;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Server.Machines;

/// <summary>Takes what machines tell of themselves (reference/siderolink.md 8.1).</summary>
internal interface IMachineEvents
{
    /// <summary>Takes one event; returns when it is acknowledged, and machines send the next only then.</summary>
    /// <param name="request">The event.</param>
    /// <param name="from">The address inside the tunnel that it came from.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="Grpc.Core.RpcException">It isn't acknowledged; the machine will send it again.</exception>
    Task Publish(EventRequest request, IPAddress from, CancellationToken cancellation);
}
