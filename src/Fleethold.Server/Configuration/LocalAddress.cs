using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Fleethold.Server.Configuration;

/// <summary>The address of this machine that others are told when nobody has said one.</summary>
internal static class LocalAddress
{
    /// <summary>The first address of a card that is up and no loopback, IPv4 before IPv6; loopback where there is none.</summary>
    public static IPAddress First() => Candidates().OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).FirstOrDefault(IPAddress.Loopback);

    private static List<IPAddress> Candidates()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(card => card.OperationalStatus is OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(card => card.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal && !SideroLink.Wire.TunnelAddresses.Machines.Contains(address))];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
