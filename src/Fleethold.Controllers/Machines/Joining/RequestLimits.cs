using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>What is read of a request from a stranger at all.</summary>
internal static class RequestLimits
{
    private const int MaxUuid = 64;
    private const int MaxVersion = 64;

    /// <summary>What is wrong with the form of a request, in words for whoever debugs the machine; null when it is fine.</summary>
    public static string? Problem(ProvisionRequest request) =>
        request.NodeUuid.Length is 0 or > MaxUuid ? $"node_uuid must have 1 to {MaxUuid} characters, not {request.NodeUuid.Length}"
        : request.NodeUuid.AsSpan().ContainsAnyExceptInRange('!', '~') ? "node_uuid must be printable ASCII without blanks"
        : request.NodeUuid.Contains('/', StringComparison.Ordinal) ? "node_uuid must not contain a slash"
        : request.JoinToken.Length > JoinToken.MaxLength ? $"join_token must have at most {JoinToken.MaxLength} characters, not {request.JoinToken.Length}"
        : request.NodeUniqueToken.Length > NodeUniqueToken.MaxLength ? $"node_unique_token must have at most {NodeUniqueToken.MaxLength} characters, not {request.NodeUniqueToken.Length}"
        : request.TalosVersion.Length > MaxVersion || request.TalosVersion.AsSpan().ContainsAnyExceptInRange(' ', '~') ? $"talos_version must be at most {MaxVersion} characters of printable ASCII"
        : null;
}
