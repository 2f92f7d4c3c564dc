using System.Collections.Concurrent;
using System.Net;
using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.SideroLink.Sinks;

namespace Fleethold.Server.Machines;

/// <summary>
/// Which machine has an address inside the tunnel, kept by a watch, so that a connection costs one look-up (reference/siderolink.md 9). It is complete
/// before the receivers start.
/// </summary>
internal sealed partial class MachineIndex(ServerState state, ILogger<MachineIndex> log) : IStageService, IMachineAddresses
{
    private readonly ConcurrentDictionary<IPAddress, string> _byAddress = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _watching = Task.CompletedTask;

    /// <summary>Told the id of a machine that is gone.</summary>
    public event Action<string>? Gone;

    /// <inheritdoc/>
    public Stage Stage => Stage.Tunnel;

    /// <inheritdoc/>
    public string? Find(IPAddress source) => _byAddress.GetValueOrDefault(source);

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        _watching = Watch();
        await await Task.WhenAny(_complete.Task, _watching).WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task Watch()
    {
        while (true)
        {
            using var watch = state.Inside.WatchKind(Kinds.Machines.Ref, ResourceQuery.All, WatchOptions.Bootstrap).Value;
            await foreach (var change in watch.ReadAll(_stopping.Token))
            {
                if (change.Type == EventType.Errored)
                {
                    // What was missed is in the next bootstrap; what has gone meanwhile is dropped now and found again there if it hasn't.
                    Log.Behind(log, change.Error ?? "");
                    _byAddress.Clear();
                    break;
                }

                Take(change);
            }
        }
    }

    private void Take(StateEvent change)
    {
        switch (change.Type)
        {
            case EventType.Bootstrapped:
                _complete.TrySetResult();
                break;
            case EventType.Created or EventType.Updated when change.Resource is Resource<MachineSpec> machine:
                if (change.Old is Resource<MachineSpec> old && old.Spec.ManagementAddress != machine.Spec.ManagementAddress)
                {
                    Drop(old);
                }

                if (IPAddress.TryParse(machine.Spec.ManagementAddress, out var address))
                {
                    _byAddress[address] = machine.Metadata.Id;
                }

                break;
            case EventType.Destroyed when change.Resource is Resource<MachineSpec> machine:
                Drop(machine);
                Gone?.Invoke(machine.Metadata.Id);
                break;
        }
    }

    private void Drop(Resource<MachineSpec> machine)
    {
        if (IPAddress.TryParse(machine.Spec.ManagementAddress, out var address))
        {
            _byAddress.TryRemove(new KeyValuePair<IPAddress, string>(address, machine.Metadata.Id));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Warning, "the watch of machines fell behind and starts anew: {Why}")]
        public static partial void Behind(ILogger logger, string why);
    }
}
