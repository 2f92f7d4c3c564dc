using System.Collections.Concurrent;
using System.Net;
using Fleethold.Talos;

namespace Fleethold.Server.Tests.Machines;

/// <summary>Machines in maintenance mode that take every call: none is installed, and each has one card, whose address ends as the machine's does.</summary>
internal sealed class FakeMachines : IMaintenanceApi
{
    /// <summary>What was written, by machine and key.</summary>
    public ConcurrentDictionary<(IPAddress Machine, uint Key), string> Written { get; } = new();

    public Task<bool> IsInstalled(IPAddress machine, CancellationToken cancellation) => Task.FromResult(false);

    public Task<IReadOnlyList<byte[]>> PhysicalAddresses(IPAddress machine, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<byte[]>>([machine.GetAddressBytes()[10..]]);

    public Task WriteMeta(IPAddress machine, uint key, string value, CancellationToken cancellation)
    {
        Written[(machine, key)] = value;
        return Task.CompletedTask;
    }
}
