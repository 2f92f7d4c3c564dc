using System.Net;
using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.SideroLink.Provision;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>
/// Gives out addresses that nobody has (reference/siderolink.md 3). What it gave once it never gives again while the process lives. Thread-safe.
/// </summary>
internal sealed class TakenAddresses(IState state) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private HashSet<IPAddress>? _taken;

    /// <summary>A new address of a machine, in its stored form.</summary>
    public async ValueTask<string> NewMachine(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            var taken = _taken ??= await Load(cancellation);
            var address = MachineAddresses.NewMachine(taken.Contains);
            taken.Add(address);
            return MachineAddresses.Stored(address);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A new virtual address with its port, in its stored form.</summary>
    public async ValueTask<string> NewVirtual(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            var taken = _taken ??= await Load(cancellation);
            var endpoint = MachineAddresses.NewVirtual(taken.Contains);
            taken.Add(endpoint.Address);
            return MachineAddresses.Text(endpoint);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async ValueTask<HashSet<IPAddress>> Load(CancellationToken cancellation)
    {
        var taken = new HashSet<IPAddress>();
        foreach (var kind in (ResourceKind<Fleethold.Resources.Specs.SiderolinkSpec>[])[Kinds.Links, Kinds.PendingMachines])
        {
            foreach (var link in await state.List(kind, cancellation: cancellation))
            {
                if (MachineAddresses.TryParseStored(link.Spec.NodeSubnet, out var address, out _))
                {
                    taken.Add(address);
                }

                if (MachineAddresses.TryParseEndpoint(link.Spec.VirtualAddrport, out var name))
                {
                    taken.Add(name.Address);
                }
            }
        }

        return taken;
    }
}
