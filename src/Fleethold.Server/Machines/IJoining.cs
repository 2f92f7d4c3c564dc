using Fleethold.SideroLink.Wire;

namespace Fleethold.Server.Machines;

/// <summary>Decides whether a machine may join, and as what (reference/siderolink.md 2.5).</summary>
internal interface IJoining
{
    /// <summary>Answers one request to join; the peer is there when this returns.</summary>
    /// <exception cref="Grpc.Core.RpcException">The machine is refused, with the code that Talos acts on.</exception>
    Task<ProvisionResponse> Provision(ProvisionRequest request, CancellationToken cancellation);
}
