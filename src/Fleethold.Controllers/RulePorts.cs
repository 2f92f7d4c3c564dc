using System.Net;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;
using Fleethold.Talos;
using Grpc.Core;

namespace Fleethold.Controllers;

/// <summary>What business rules reach outside the state, and the settings they go by.</summary>
/// <param name="Links">The peers of the tunnel.</param>
/// <param name="Machines">The machines themselves.</param>
/// <param name="Settings">The settings.</param>
public sealed record RulePorts(ILinkTable Links, IMaintenanceApi Machines, RuleSettings Settings)
{
    /// <summary>Of a server without a tunnel: there are no peers, and no machine is reached.</summary>
    public static RulePorts None { get; } = new(new Nothing(), new Nothing(), new RuleSettings());

    private sealed class Nothing : ILinkTable, IMaintenanceApi
    {
        public void Set(LinkPeer peer)
        {
        }

        public void Remove(PublicKey key)
        {
        }

        public LinkActivity? Find(PublicKey key) => null;

        public Task<bool> IsInstalled(IPAddress machine, CancellationToken cancellation) => throw Unreachable();

        public Task<IReadOnlyList<byte[]>> PhysicalAddresses(IPAddress machine, CancellationToken cancellation) => throw Unreachable();

        public Task WriteMeta(IPAddress machine, uint key, string value, CancellationToken cancellation) => throw Unreachable();

        private static RpcException Unreachable() => new(new Status(StatusCode.Unavailable, "this server has no tunnel, so it reaches no machine"));
    }
}

/// <summary>Settings of the server that rules go by.</summary>
public sealed record RuleSettings
{
    /// <summary>WireGuard of every machine goes over gRPC.</summary>
    public bool ForcesGrpcTunnel { get; init; }

    /// <summary>Where machines register, as they are told.</summary>
    public string MachineApiUrl { get; init; } = "";

    /// <summary>The TCP port of the event sink inside the tunnel.</summary>
    public int EventSinkPort { get; init; } = 8090;

    /// <summary>The TCP port of the log receiver inside the tunnel.</summary>
    public int LogServerPort { get; init; } = 8092;

    /// <summary>What machines must trust before they can register; null where public roots suffice.</summary>
    public TrustedRoots? TrustedRoots { get; init; }

    /// <summary>False in the mode of join tokens in which unique tokens don't count.</summary>
    public bool UsesUniqueTokens { get; init; } = true;
}
