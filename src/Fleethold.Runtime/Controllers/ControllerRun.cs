using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Microsoft.Extensions.Logging;

namespace Fleethold.Runtime.Controllers;

/// <summary>One controller at work: its items, its workers, what became of them, and its own writes whose events are still to come.</summary>
internal sealed partial class ControllerRun : IDisposable
{
    /// <summary>A conflict means that somebody was faster; it is retried at once, but not for ever.</summary>
    private const int ImmediateRetries = 8;

    /// <summary>Gives way to other controllers after so many items in a row.</summary>
    private const int ItemsPerTurn = 64;

    /// <summary>Stands for "all items": it makes a worker list them.</summary>
    private static readonly ResourceRef AllItems = default;

    private readonly KindRef _itemKind;
    private readonly KindRef[] _readable;
    private readonly KindRef[] _writable;
    private readonly KindRef[] _watched;
    private readonly Lock _echoGate = new();
    private readonly Dictionary<(ResourceRef Reference, ulong Version), ResourceRef> _echoes = new(EchoComparer.Instance);
    private readonly ItemQueue _queue;
    private readonly Func<double> _random;
    private readonly FailureLog _failures;
    private readonly CancellationToken _abort;
    private readonly ITimer? _ticks;

    public ControllerRun(Controller controller, IState state, TimeProvider clock, Func<double> random, ILogger logger, CancellationToken abort)
    {
        (Controller, State, Clock, _random, _abort) = (controller, state, clock, random, abort);
        Reader = ControllerReader.For(this);
        _failures = new FailureLog(controller.Name, clock, logger);
        _queue = new ItemQueue(controller.Concurrency, clock, StartWorker);
        _itemKind = controller.Inputs.FirstOrDefault(input => input.Use is InputUse.Primary)?.Kind.Ref ?? new KindRef("", "");
        _readable = [.. controller.Inputs.Select(input => input.Kind.Ref).Concat(controller.Outputs.Select(output => output.Kind.Ref)).Distinct()];
        _writable = [.. controller.Outputs.Select(output => output.Kind.Ref)];
        _watched = [.. controller.Watched()];
        _ticks = controller.Interval is { } interval
            ? clock.CreateTimer(static run => ((ControllerRun)run!).Enqueue(AllItems), this, interval, interval)
            : null;
    }

    public Controller Controller { get; }

    public IState State { get; }

    public TimeProvider Clock { get; }

    public ControllerCounters Counters { get; } = new();

    public ControllerReader Reader { get; }

    public long Additions => _queue.Additions;

    public bool HasPrimary => _itemKind.Type.Length > 0;

    public ControllerStatistics Statistics => Counters.Read(_queue.Length);

    public bool MayRead(KindRef kind) => _readable.AsSpan().Contains(kind);

    public bool MayWrite(KindRef kind) => _writable.AsSpan().Contains(kind);

    public void Enqueue(ResourceRef item) => _queue.Add(item);

    public void EnqueueId(string id) => _queue.Add(_itemKind.Named(id));

    /// <summary>Events were missed: every item is looked at once more.</summary>
    public void EnqueueAll(KindRef afterGapOf)
    {
        lock (_echoGate)
        {
            foreach (var echo in _echoes.Keys.Where(echo => echo.Reference.Kind == afterGapOf).ToArray())
            {
                _echoes.Remove(echo);
            }
        }

        Enqueue(AllItems);
    }

    public void EnqueueFixed()
    {
        foreach (var id in Controller.FixedItems)
        {
            Enqueue(new ResourceRef("", "", id));
        }
    }

    public void Open() => _queue.Open();

    public void Close()
    {
        _ticks?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _queue.Close();
    }

    public Task Idle() => _queue.Idle();

    public void Dispose()
    {
        _ticks?.Dispose();
        _queue.Dispose();
    }

    /// <summary>The event of this version, when it comes, doesn't wake this item. The default version stands for the end of the resource.</summary>
    public void ExpectEcho(ResourceRef reference, ResourceVersion version, ResourceRef item)
    {
        if (_watched.AsSpan().Contains(reference.Kind))
        {
            lock (_echoGate)
            {
                _echoes[(reference, version.Value)] = item;
            }
        }
    }

    public void ForgetEcho(ResourceRef reference, ResourceVersion version)
    {
        lock (_echoGate)
        {
            _echoes.Remove((reference, version.Value));
        }
    }

    /// <summary>The item that made a change itself; null for changes by others.</summary>
    public ResourceRef? TakeEcho(StateEvent change)
    {
        var version = change.Type is EventType.Destroyed ? default : change.Resource.Metadata.Version;
        lock (_echoGate)
        {
            return _echoes.Count > 0 && _echoes.Remove((change.Resource.Ref, version.Value), out var item) ? item : null;
        }
    }

    private void StartWorker() => ThreadPool.UnsafeQueueUserWorkItem(static run => _ = run.Work(), this, preferLocal: false);

    private async Task Work()
    {
        for (var taken = 1; _queue.TryTake(out var item); taken++)
        {
            _queue.Complete(item, await Handle(item));
            if (taken % ItemsPerTurn == 0)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>Reconciles one item. Never throws.</summary>
    /// <returns>When the item comes again; null for not by itself.</returns>
    private async ValueTask<TimeSpan?> Handle(QueuedItem item)
    {
        var isAll = item.Item == AllItems;
        var begun = Clock.GetTimestamp();
        Reconciled result;
        Exception? crash = null;
        try
        {
            if (isAll)
            {
                result = await FindAll();
            }
            else
            {
                Counters.CountWakeup();
                result = await Controller.Reconcile(new ControllerContext(this, item.Item), _abort);
            }
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            return null;
        }
        catch (FaultException exception)
        {
            result = exception.Fault;
        }
#pragma warning disable CA1031 // A controller's bug concerns its item alone.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            crash = exception;
            result = new Fault.Invalid(exception.Message);
        }

        if (!isAll)
        {
            Counters.CountEnd(result.Fault is null, Clock.GetElapsedTime(begun));
        }

        return Judge(item, result, crash);
    }

    private TimeSpan? Judge(QueuedItem item, Reconciled result, Exception? crash)
    {
        if (result.Fault is null)
        {
            (item.Failures, item.Conflicts) = (0, 0);
            if (result.Again is not null)
            {
                Counters.CountRequeue();
            }

            return result.Again;
        }

        Counters.CountRequeue();
        if (crash is not null)
        {
            Counters.CountCrash();
        }
        else if (IsConflict(result.Fault) && item.Conflicts++ < ImmediateRetries)
        {
            return TimeSpan.Zero;
        }

        item.Failures++;
        var again = result.Again ?? Controller.Backoff.Delay(item.Failures, _random());
        _failures.Write(item, result.Fault, crash, again);
        return again;
    }

    /// <summary>What a fresh look will probably settle.</summary>
    private static bool IsConflict(Fault fault) => fault is Fault.VersionConflict or Fault.PhaseConflict or Fault.AlreadyExists or Fault.PendingFinalizers;

    private async ValueTask<Reconciled> FindAll()
    {
        EnqueueFixed();
        foreach (var input in Controller.Inputs)
        {
            if (input.Use is InputUse.Primary)
            {
                foreach (var resource in await ListAll(input.Kind.Ref))
                {
                    Enqueue(resource.Ref);
                }
            }
            else if (input.Use is InputUse.Mapped && !HasPrimary)
            {
                foreach (var resource in await ListAll(input.Kind.Ref))
                {
                    await EnqueueMapped(input, resource, null, _abort);
                }
            }
        }

        foreach (var output in Controller.Outputs.Where(output => output.ItemsOf is not null))
        {
            foreach (var resource in await ListAll(output.Kind.Ref))
            {
                EnqueueOwnerOf(output, resource.Metadata, null);
            }
        }

        return Reconciled.Done;
    }

    private async ValueTask<IReadOnlyList<Resource>> ListAll(KindRef kind)
    {
        Counters.CountRead();
        return (await State.List(kind, ResourceQuery.All, _abort)).Value;
    }

    /// <summary>Wakes the items that a changed input is mapped to. A mapping that throws is a crash, and wakes nobody.</summary>
    public async ValueTask EnqueueMapped(ControllerInput input, Resource resource, ResourceRef? but, CancellationToken cancellation)
    {
        try
        {
            var ids = input.Map is not null ? input.Map(resource.Metadata) : await input.MapAsync!(Reader, resource, cancellation);
            var count = 0;
            foreach (var id in ids)
            {
                count++;
                EnqueueUnless(id, but);
            }

            Counters.CountMapping(count);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // A controller's bug must not end the watch that all share.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Counters.CountCrash();
            _failures.WriteMapping(resource.Ref, exception);
        }
    }

    /// <summary>Wakes the items of an output that is this controller's.</summary>
    public void EnqueueOwnerOf(ControllerOutput output, Metadata metadata, ResourceRef? but)
    {
        if (metadata.Owner != Controller.Name)
        {
            return;
        }

        try
        {
            foreach (var id in output.ItemsOf!(metadata))
            {
                EnqueueUnless(id, but);
            }
        }
#pragma warning disable CA1031 // As above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Counters.CountCrash();
            _failures.WriteMapping(metadata.Ref, exception);
        }
    }

    private void EnqueueUnless(string id, ResourceRef? but)
    {
        var item = _itemKind.Named(id);
        if (but is null || !ItemComparer.Instance.Equals(item, but.Value))
        {
            Enqueue(item);
        }
    }

    private sealed class EchoComparer : IEqualityComparer<(ResourceRef Reference, ulong Version)>
    {
        public static EchoComparer Instance { get; } = new();

        public bool Equals((ResourceRef Reference, ulong Version) one, (ResourceRef Reference, ulong Version) other) =>
            one.Version == other.Version && ItemComparer.Instance.Equals(one.Reference, other.Reference);

        public int GetHashCode((ResourceRef Reference, ulong Version) echo) => HashCode.Combine(echo.Reference.Id, echo.Version);
    }
}
