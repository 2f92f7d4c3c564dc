using System.Net;

namespace Fleethold.SideroLink.Sinks;

/// <summary>
/// Which machine has a tunnel address (reference/siderolink.md 9). The address proves the machine: the tunnel lets a packet in only from
/// the peer that the address belongs to.
/// </summary>
public interface IMachineAddresses
{
    /// <summary>The id of the machine with this tunnel address; null for a stranger. Thread-safe, and quick: it is asked once per connection.</summary>
    string? Find(IPAddress source);
}
