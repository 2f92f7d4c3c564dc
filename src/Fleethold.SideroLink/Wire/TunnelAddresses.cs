using System.Net;

namespace Fleethold.SideroLink.Wire;

/// <summary>The fixed addresses of every installation (reference/siderolink.md, constants and 3).</summary>
public static class TunnelAddresses
{
    /// <summary>The server inside the tunnel.</summary>
    public static IPAddress Server { get; } = IPAddress.Parse("fdae:41e4:649b:9303::1");

    /// <summary>The network of machines.</summary>
    public static IPNetwork Machines { get; } = IPNetwork.Parse("fdae:41e4:649b:9303::/64");

    /// <summary>The network of virtual addresses that stand for gRPC tunnels.</summary>
    public static IPNetwork Virtual { get; } = IPNetwork.Parse("fdae:41e4:649b:9304::/64");

    /// <summary>The port in every virtual address.</summary>
    public const int VirtualPort = 50889;

    /// <summary>Bytes of the largest packet inside the tunnel.</summary>
    public const int Mtu = 1280;
}
