using Fleethold.Simulator.Apid;
using Fleethold.Simulator.Machines;
using Fleethold.Simulator.Provisioning;
using Fleethold.Simulator.Tunnels;

namespace Fleethold.Simulator.Fleets;

/// <summary>How a fleet is made.</summary>
internal sealed record FleetOptions
{
    /// <summary>What the kernel arguments of its machines say.</summary>
    public required JoinParameters Join { get; init; }

    /// <summary>How the certificate of the provisioning API is verified.</summary>
    public ServerTrust Trust { get; init; } = new();

    /// <summary>How many machines there are.</summary>
    public int Machines { get; init; } = 1;

    /// <summary>Makes UUIDs, hardware addresses and pauses; keys and nonces never depend on it.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The version that machines report; null for one too old to say.</summary>
    public string? TalosVersion { get; init; } = "v1.13.8";

    /// <summary>True when Talos is installed on the machines, so that META survives a reboot.</summary>
    public bool AreInstalled { get; init; } = true;

    /// <summary>True when all machines have the same system UUID.</summary>
    public bool HaveOneUuid { get; init; }

    /// <summary>How many machines boot at the same time.</summary>
    public int Ramp { get; init; } = 64;
}

/// <summary>Many machines in one process: what they share, and a look at their links each second.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Site _site;
    private readonly List<SimulatedMachine> _machines = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _looking;

    /// <summary>Makes the machines; they are off.</summary>
    /// <param name="options">What they are.</param>
    /// <param name="device">Their tunnels; the fleet owns it.</param>
    /// <param name="directory">Where the Talos API finds them.</param>
    /// <param name="clock">Their clock.</param>
    public Fleet(FleetOptions options, ITunnelDevice device, MachineDirectory directory, TimeProvider clock)
    {
        _site = new(options.Join, new ProvisioningApi(options.Join.Api, options.Trust, clock), device, directory, Counters, new SemaphoreSlim(options.Ramp), clock);
        var random = new Random(options.Seed);
        for (var i = 0; i < options.Machines; i++)
        {
            var hardware = MachineHardware.Make(random, options.TalosVersion, options.AreInstalled);
            Add(options.HaveOneUuid && i > 0 ? hardware with { Uuid = _machines[0].Hardware.Uuid } : hardware, random.Next());
        }

        _looking = Look();
    }

    /// <summary>What the machines have done.</summary>
    public FleetCounters Counters { get; } = new();

    /// <summary>The machines, in the order in which they were made.</summary>
    public IReadOnlyList<SimulatedMachine> Machines => _machines;

    /// <summary>How far the joins of the current boots are.</summary>
    public JoinReport Report() => JoinReport.Of(_machines);

    /// <summary>Adds a machine with hardware of one's own; it is off. Not while another thread uses the fleet.</summary>
    public SimulatedMachine Add(MachineHardware hardware, int seed)
    {
        var machine = new SimulatedMachine(hardware, _site, seed);
        _machines.Add(machine);
        return machine;
    }

    /// <summary>Switches all machines on.</summary>
    public Task Start() => Task.WhenAll(_machines.Select(machine => machine.Start()));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _looking;
        await Task.WhenAll(_machines.Select(async machine => await machine.DisposeAsync()));
        await _site.Device.DisposeAsync();
        _site.Api.Dispose();
        _site.Ramp.Dispose();
        _end.Dispose();
    }

    // One timer for all machines instead of one each.
    private async Task Look()
    {
        using var timer = new PeriodicTimer(LookInterval, _site.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                var now = _site.Clock.GetTimestamp();
                foreach (var machine in _machines.ToArray())
                {
                    machine.Boot?.CheckLink(now);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
