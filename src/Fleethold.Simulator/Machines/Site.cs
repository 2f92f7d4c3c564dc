using System.Net;
using Fleethold.Simulator.Apid;
using Fleethold.Simulator.Fleets;
using Fleethold.Simulator.Provisioning;
using Fleethold.Simulator.Tunnels;

namespace Fleethold.Simulator.Machines;

/// <summary>What all machines of a fleet share.</summary>
/// <param name="Join">What their kernel arguments say.</param>
/// <param name="Api">The connections to the provisioning API.</param>
/// <param name="Device">Their tunnels.</param>
/// <param name="Directory">Who has which address.</param>
/// <param name="Counters">What they did.</param>
/// <param name="Ramp">Bounds how many boot at the same time, counted until the first answer to their provisioning.</param>
/// <param name="Clock">Their clock.</param>
internal sealed record Site(
    JoinParameters Join, ProvisioningApi Api, ITunnelDevice Device, MachineDirectory Directory, FleetCounters Counters, SemaphoreSlim Ramp, TimeProvider Clock)
{
    /// <summary>How the tunnel looks from outside; resolves a host name at each use, as Talos does.</summary>
    public static async Task<IPAddress> Resolve(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return address;
        }

        var found = await Dns.GetHostAddressesAsync(host, cancellation);
        return found.Length > 0 ? found[0] : throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound);
    }
}
