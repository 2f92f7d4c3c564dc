using Fleethold.SideroLink.Wire;
using Grpc.Core;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>What a machine is told that asked to join.</summary>
public abstract record ProvisionResult
{
    private ProvisionResult()
    {
    }

    /// <summary>It may shake hands: its peer is there.</summary>
    public sealed record Answered(ProvisionResponse Response) : ProvisionResult;

    /// <summary>It is refused. It will ask again, with back-off, for ever; the codes and texts are those of reference/siderolink.md 1.4.</summary>
    public sealed record Refused(StatusCode Code, string Message) : ProvisionResult;
}
