namespace Fleethold.Talos;

/// <summary>
/// The calls on a machine that joining needs, over the tunnel on port 50000 (reference/siderolink.md 2.6). The machine is in maintenance mode:
/// its certificate isn't verified, as nobody has issued one yet; the tunnel has already proved who it is. Every call throws
/// <see cref="Grpc.Core.RpcException"/> when the machine refuses or isn't reached.
/// </summary>
public interface IMaintenanceApi
{
    /// <summary>True when a disk of the machine holds an installed Talos (<c>storage.StorageService/Disks</c>).</summary>
    Task<bool> IsInstalled(System.Net.IPAddress machine, CancellationToken cancellation);

    /// <summary>The hardware addresses of the physical links, the permanent address where there is one, else the current one; in no order.</summary>
    Task<IReadOnlyList<byte[]>> PhysicalAddresses(System.Net.IPAddress machine, CancellationToken cancellation);

    /// <summary>Writes one key of the machine's META partition (<c>machine.MachineService/MetaWrite</c>).</summary>
    Task WriteMeta(System.Net.IPAddress machine, uint key, string value, CancellationToken cancellation);
}
