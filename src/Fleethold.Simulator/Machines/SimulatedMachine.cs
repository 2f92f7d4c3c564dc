using Fleethold.SideroLink.Wire;
using Fleethold.Simulator.Events;

namespace Fleethold.Simulator.Machines;

/// <summary>A machine across its boots: hardware, META and power.</summary>
internal sealed class SimulatedMachine(MachineHardware hardware, Site site, int seed) : IAsyncDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _power = new(1);
    private readonly Random _random = new(seed);
    private CancellationTokenSource _off = new();
    private Task _running = Task.CompletedTask;

    /// <summary>What it is made of.</summary>
    public MachineHardware Hardware => hardware;

    /// <summary>What the server has stored on it.</summary>
    public MetaPartition Meta { get; } = new();

    /// <summary>The current boot; null before the first.</summary>
    public MachineBoot? Boot { get; private set; }

    /// <summary>Is cancelled when the current boot ends.</summary>
    public CancellationToken PowerOff => _off.Token;

    /// <summary>Switches it on; one that runs goes on.</summary>
    public async Task Start()
    {
        await _power.WaitAsync();
        try
        {
            if (_running.IsCompleted)
            {
                _off = new();
                Boot = new(hardware, Meta, site, new Random(_random.Next()));
                _running = Boot.Run(this, _off.Token);
            }
        }
        finally
        {
            _power.Release();
        }
    }

    /// <summary>Pulls the plug. META survives only on an installed machine.</summary>
    public async Task Stop()
    {
        await _power.WaitAsync();
        try
        {
            await _off.CancelAsync();
            await _running;
            if (!hardware.IsInstalled)
            {
                Meta.Wipe();
            }
        }
        finally
        {
            _power.Release();
        }
    }

    /// <summary>Reboots as Talos does: says so, lets the event sink have its backlog (5 s at most), goes down and comes up with a new key.</summary>
    public async Task Reboot()
    {
        if (Boot is { } boot && !_running.IsCompleted)
        {
            BootStory.Reboot(boot.Events);
            await Drain(boot);
        }

        await Stop();
        await Start();
    }

    /// <summary>Shuts down as Talos does.</summary>
    public async Task Shutdown()
    {
        if (Boot is { } boot && !_running.IsCompleted)
        {
            BootStory.Shutdown(boot.Events);
            await Drain(boot);
        }

        await Stop();
    }

    /// <summary>Sends from another UDP port from now on, as behind a NAT that forgot it.</summary>
    public void Roam() => site.Device.Roam(Key);

    /// <summary>Loses a share of its datagrams, both ways: 0 none, 1 all, as when it is frozen.</summary>
    public void Lose(double share) => site.Device.Lose(Key, share);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Stop();
        _off.Dispose();
    }

    private PublicKey Key => Boot?.Key.Public ?? throw new InvalidOperationException("the machine was never switched on");

    private async Task Drain(MachineBoot boot)
    {
        using var limit = new CancellationTokenSource(DrainLimit, site.Clock);
        try
        {
            await boot.Events.Drained(limit.Token);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
