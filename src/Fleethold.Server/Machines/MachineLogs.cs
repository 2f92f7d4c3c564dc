using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.SideroLink.Sinks;
using Fleethold.Storage.Logs;

namespace Fleethold.Server.Machines;

/// <summary>The kernel logs of machines: the receiver inside the tunnel, and the store behind it, which is there without a tunnel too.</summary>
internal sealed class MachineLogs(ServerState state, MachineIndex machines, ServerConfiguration configuration, TimeProvider clock, ILogger<MachineLogs> log)
    : IStageService, ILogLines
{
    private MachineLogStore? _store;

    /// <inheritdoc/>
    public Stage Stage => Stage.Sinks;

    /// <summary>What is kept.</summary>
    public MachineLogStore Store => _store ?? throw new UnreachableException("the logs of machines aren't open");

    /// <summary>What receives; null without a tunnel.</summary>
    public LogReceiver? Receiver { get; private set; }

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        var limits = configuration.MachineLogs;
        _store = Open(limits);
        machines.Gone += Forget;
        if (configuration.SideroLink.SinkAddress is not { } address)
        {
            return;
        }

        var endpoint = new IPEndPoint(address, configuration.SideroLink.LogServerPort);
        Receiver = new LogReceiver(
            new LogReceiverOptions { Listen = endpoint, BytesPerSecond = limits.BytesPerSecond, Burst = limits.BurstBytes }, machines, this, clock, log);
        try
        {
            await Receiver.Start(cancellation);
        }
        catch (SocketException failure)
        {
            await _store.DisposeAsync();
            throw new StartException($"the receiver of machine logs can't listen on {endpoint}: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        machines.Gone -= Forget;
        await (Receiver?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_store?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <inheritdoc/>
    public bool TryWrite(string machineId, ReadOnlySpan<byte> line) => Store.TryWrite(machineId, line);

    /// <inheritdoc/>
    public ValueTask WhenRoom(CancellationToken cancellation) => Store.WhenRoom(cancellation);

    private MachineLogStore Open(MachineLogSettings limits)
    {
        var options = new MachineLogOptions
        {
            File = Path.Combine(configuration.Storage.DataDirectory, MachineLogOptions.FileName),
            LinesPerMachine = limits.LinesPerMachine,
            MaxAge = limits.MaxAge,
            CleanUpInterval = limits.CleanUpInterval,
            MaxBytes = limits.MaxBytes,
            ExistingMachines = async cancellation => [.. (await state.Inside.List(Kinds.Machines, cancellation: cancellation)).Select(machine => machine.Metadata.Id)],
        };
        try
        {
            return state.Store is { } store ? store.OpenMachineLogs(options, clock, log) : MachineLogStore.OpenForgetful(options, clock, log);
        }
        catch (CommitLogException failure)
        {
            throw new StartException(failure.Message, failure);
        }
    }

    private void Forget(string machineId)
    {
        Receiver?.Forget(machineId);
        _ = Store.Remove(machineId);
    }
}
