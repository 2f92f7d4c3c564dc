using System.Collections.Concurrent;
using System.Net;
using Fleethold.Resources;
using Fleethold.SideroLink.Sinks;

namespace Fleethold.Server.Machines;

/// <summary>Which machine has which tunnel address, by the label that machines carry (reference/siderolink.md 9). One writer, many readers.</summary>
internal sealed class MachineAddressIndex : IMachineAddresses
{
    /// <summary>The label of a Machine with its tunnel address.</summary>
    public const string AddressLabel = Fleethold.Controllers.Machines.MachineNames.Address;

    private readonly ConcurrentDictionary<IPAddress, string> _machines = new();
    private readonly Dictionary<string, IPAddress> _addresses = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string? Find(IPAddress source) => _machines.GetValueOrDefault(source);

    /// <summary>The machines that have addresses; for the writer.</summary>
    public IReadOnlyCollection<string> Ids => _addresses.Keys;

    /// <summary>Takes in what a machine says now.</summary>
    /// <returns>True when it lost the address that it had before.</returns>
    public bool Put(Metadata machine)
    {
        var address = machine.Labels.TryGetValue(AddressLabel, out var text) && IPAddress.TryParse(text, out var parsed) ? parsed : null;
        if (_addresses.TryGetValue(machine.Id, out var before) && before.Equals(address))
        {
            return false;
        }

        Remove(machine.Id);
        if (address is not null)
        {
            _machines[address] = machine.Id;
            _addresses[machine.Id] = address;
        }

        return before is not null;
    }

    /// <summary>Forgets a machine.</summary>
    public void Remove(string machineId)
    {
        if (_addresses.Remove(machineId, out var address))
        {
            _machines.TryRemove(new KeyValuePair<IPAddress, string>(address, machineId));
        }
    }
}
