using System.Net;
using Fleethold.SideroLink.Wire;
using Grpc.Core;

namespace Fleethold.Server.Machines;

/// <summary>Answers machines as long as the rules of joining aren't part of the server.</summary>
internal sealed class NotThereYet : IJoining, IMachineEvents
{
    public Task<ProvisionResponse> Provision(ProvisionRequest request, CancellationToken cancellation) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, "joining is not implemented yet"));

    public Task Publish(EventRequest request, IPAddress from, CancellationToken cancellation) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, "receiving events is not implemented yet"));
}
