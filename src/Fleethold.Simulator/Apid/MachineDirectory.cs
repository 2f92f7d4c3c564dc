using System.Collections.Concurrent;
using System.Net;
using Fleethold.Simulator.Machines;

namespace Fleethold.Simulator.Apid;

/// <summary>Which machine has which address inside the tunnel. Thread-safe.</summary>
internal sealed class MachineDirectory
{
    private readonly ConcurrentDictionary<IPAddress, SimulatedMachine> _machines = new();

    /// <summary>A machine has got its address; whoever had it before loses it.</summary>
    public void Set(IPAddress address, SimulatedMachine machine) => _machines[address] = machine;

    /// <summary>A machine is down.</summary>
    public void Remove(IPAddress address, SimulatedMachine machine) => _machines.TryRemove(new(address, machine));

    /// <summary>The machine at an address; null when none is.</summary>
    public SimulatedMachine? Find(IPAddress? address)
    {
        if (address is null)
        {
            return null;
        }

        return _machines.GetValueOrDefault(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
    }
}
