using System.Net;
using Fleethold.SideroLink.Engine;

namespace Fleethold.Fuzz.Targets;

/// <summary>Datagrams of a stranger at the UDP port: all four messages of WireGuard.</summary>
internal sealed class WireGuardTarget : IFuzzTarget
{
    private static readonly PeerEndpoint Stranger = PeerEndpoint.Udp(IPAddress.IPv6Loopback, 666);

    private readonly TunnelUnderFire _tunnel = new();

    public string Name => "wireguard";

    // A cookie reply was not part of the handshake.
    public IEnumerable<byte[]> Seeds => [.. _tunnel.Said, [3, 0, 0, 0, .. new byte[60]], [4, 0, 0, 0, .. new byte[28]]];

    public void Run(ReadOnlySpan<byte> input) => _tunnel.Take(input, Stranger);
}
