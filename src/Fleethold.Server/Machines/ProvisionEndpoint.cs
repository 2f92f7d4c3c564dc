using System.Diagnostics;
using Fleethold.Controllers.Machines.Joining;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Wire;
using Grpc.Core;

namespace Fleethold.Server.Machines;

/// <summary><c>sidero.link.ProvisionService</c>: how machines ask to join, outside the tunnel (reference/siderolink.md 1).</summary>
internal sealed class ProvisionEndpoint(Provisioning provisioning, ILinkTable links) : ProvisionService.ProvisionServiceBase
{
    /// <summary>The largest request: tokens are the longest thing in it, and the longest of them is a few kilobytes.</summary>
    public const int MaxMessage = 64 * 1024;

    private static readonly WriteOptions Uncompressed = new(WriteFlags.NoCompress);

    public override async Task<ProvisionResponse> Provision(ProvisionRequest request, ServerCallContext context)
    {
        if (links is NoTunnel)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, NoTunnel.Why));
        }

        context.WriteOptions = Uncompressed;
        return await provisioning.Provision(request, context.CancellationToken) switch
        {
            ProvisionResult.Answered answered => answered.Response,
            ProvisionResult.Refused refused => throw new RpcException(new Status(refused.Code, refused.Message)),
            _ => throw new UnreachableException(),
        };
    }
}
