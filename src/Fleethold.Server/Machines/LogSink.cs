using System.Diagnostics.Metrics;
using System.Net;
using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.Edge;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.SideroLink.Sinks;
using Fleethold.Storage.Logs;

namespace Fleethold.Server.Machines;

/// <summary>The logs of machines: their store, and where there is a tunnel the receiver inside it (reference/siderolink.md 8.2 and 8.3).</summary>
internal sealed class LogSink(ServerState state, ServerConfiguration configuration, TimeProvider clock, IMeterFactory meters, ILogger<LogSink> log)
    : IStageService
{
    /// <summary>Who is a machine, as the receiver knows it.</summary>
    public MachineAddressIndex Machines { get; } = new();

    private readonly CancellationTokenSource _stopping = new();
    private readonly Meter _meter = meters.Create("Fleethold.Server.Machines");
    private MachineLogStore? _store;
    private Task _watching = Task.CompletedTask;

    /// <inheritdoc/>
    public Stage Stage => Stage.Sinks;

    /// <summary>What is stored.</summary>
    public MachineLogStore Store => _store ?? throw new InvalidOperationException("the logs of machines aren't open");

    /// <summary>The receiver; null where there is no tunnel.</summary>
    public LogReceiver? Receiver { get; private set; }

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        try
        {
            _store = Open();
        }
        catch (CommitLogException failure)
        {
            throw new StartException(failure.Message, failure);
        }

        try
        {
            var watch = Watch();
            await Take(watch, untilBootstrapped: true, cancellation);
            _watching = Follow(watch);
            if (configuration.SideroLink.SinkAddress is { } address)
            {
                await Listen(new IPEndPoint(address, configuration.SideroLink.LogServerPort), cancellation);
            }
        }
        catch
        {
            await Stop(CancellationToken.None);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        if (Receiver is not null)
        {
            await Receiver.DisposeAsync();
        }

        await _stopping.CancelAsync();
        await _watching;
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    private MachineLogStore Open()
    {
        var settings = configuration.MachineLogs;
        var options = new MachineLogOptions
        {
            File = Path.Combine(configuration.Storage.DataDirectory, MachineLogOptions.FileName),
            CleanUpInterval = settings.CleanUpInterval,
            MaxAge = settings.MaxAge,
            LinesPerMachine = settings.LinesPerMachine,
            MaxBytes = settings.MaxBytes,
            TrimEvery = settings.TrimEvery,
            ExistingMachines = Existing,
        };
        return state.Store is { } store ? store.OpenMachineLogs(options, clock, log) : MachineLogStore.OpenForgetful(options, clock, log);
    }

    private async Task Listen(IPEndPoint endpoint, CancellationToken cancellation)
    {
        var options = new LogReceiverOptions { BytesPerSecond = configuration.MachineLogs.BytesPerSecond, Burst = configuration.MachineLogs.Burst };
        Receiver = new LogReceiver(options, Machines, new StoredLines(Store), clock, log);
        Receiver.Start(await TunnelListener.Bind(endpoint, "the receiver of logs", clock, cancellation));
        Count(Receiver.Counters);
    }

    private IWatch Watch() => state.Inside.WatchKind(Kinds.Machines.Ref, ResourceQuery.All, WatchOptions.Bootstrap).Value;

    private async Task Follow(IWatch watch)
    {
        try
        {
            while (true)
            {
                using (watch)
                {
                    await Take(watch, untilBootstrapped: false, _stopping.Token);
                }

                // It had fallen too far behind: what it missed comes again from the start, but for what went meanwhile.
                watch = Watch();
                var present = await Existing(_stopping.Token);
                foreach (var gone in Machines.Ids.Except(present, StringComparer.Ordinal).ToList())
                {
                    await Remove(gone);
                }
            }
        }
        catch (OperationCanceledException)
        {
            watch.Dispose();
        }
    }

    private async Task Take(IWatch watch, bool untilBootstrapped, CancellationToken cancellation)
    {
        while (true)
        {
            var changes = watch.TakeAvailable(256);
            foreach (var change in changes)
            {
                if (change.Type == EventType.Errored)
                {
                    return;
                }

                if (change.Type == EventType.Destroyed)
                {
                    await Remove(change.Resource.Metadata.Id);
                }
                else if (change.Type is EventType.Created or EventType.Updated && Machines.Put(change.Resource.Metadata))
                {
                    Receiver?.Forget(change.Resource.Metadata.Id);
                }
            }

            if (untilBootstrapped && changes.Any(change => change.Type == EventType.Bootstrapped))
            {
                return;
            }

            if (changes.Count == 0)
            {
                await watch.WaitAsync(cancellation);
            }
        }
    }

    private async Task Remove(string machineId)
    {
        Machines.Remove(machineId);
        Receiver?.Forget(machineId);
        await Store.Remove(machineId);
    }

    private async ValueTask<IReadOnlyCollection<string>> Existing(CancellationToken cancellation) =>
        (await state.Inside.List(Kinds.Machines, cancellation: cancellation)).Select(machine => machine.Metadata.Id).ToList();

    private void Count(LogReceiverCounters counters)
    {
        _meter.CreateObservableCounter("omni_machine_logs_ingested_bytes_total", () => counters.Bytes, description: "Bytes of log lines that machines sent and that were taken.");
        _meter.CreateObservableCounter(
            "omni_machine_logs_dropped_total",
            () => new Measurement<long>[]
            {
                new(counters.RateLimited, new KeyValuePair<string, object?>("reason", "rate_limit")),
                new(counters.Oversize, new KeyValuePair<string, object?>("reason", "oversize")),
                new(counters.Homeless, new KeyValuePair<string, object?>("reason", "unknown_machine")),
                new(Store.Counters.Lost, new KeyValuePair<string, object?>("reason", "store")),
            },
            description: "Log lines of machines that were dropped.");
        _meter.CreateObservableCounter("fleethold_machine_logs_strangers_total", () => counters.Strangers, description: "Connections to the receiver of logs from addresses of no machine.");
    }

    private sealed class StoredLines(MachineLogStore store) : ILogLines
    {
        public bool TryWrite(string machineId, ReadOnlySpan<byte> line) => store.TryWrite(machineId, line);

        public ValueTask WhenRoom(CancellationToken cancellation) => store.WhenRoom(cancellation);
    }
}
