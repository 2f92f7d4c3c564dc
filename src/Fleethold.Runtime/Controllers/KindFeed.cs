using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Microsoft.Extensions.Logging;

namespace Fleethold.Runtime.Controllers;

/// <summary>What one controller wants to know of a kind.</summary>
internal sealed record KindSubscription(ControllerRun Run, ControllerInput? Primary, ControllerInput? Mapped, ControllerOutput? Output);

/// <summary>
/// The one watch of a kind, shared by all controllers that declared it. When the watch ends because it fell behind, it is opened anew, and all items
/// of these controllers are looked at once more: a change may be seen late, but is never missed.
/// </summary>
internal sealed partial class KindFeed(
    KindRef kind, IState state, IReadOnlyList<KindSubscription> subscriptions, TimeProvider clock, Func<double> random, ILogger logger)
{
    private const int BatchSize = 256;

    private static readonly BackoffPolicy Reopening = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _bootstrapped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _nudge = new();
    private List<TaskCompletionSource> _requested = [];
    private bool _isNudgeLinked;
    private bool _ended;

    /// <summary>Ends when everything that was there at the start has been handed on.</summary>
    public Task Bootstrapped => _bootstrapped.Task;

    /// <summary>Opens the watch.</summary>
    /// <exception cref="FaultException">The state refuses.</exception>
    public IWatch Open() => state.WatchKind(kind, ResourceQuery.All, WatchOptions.Bootstrap).Value;

    /// <summary>Ends when every change that the state showed before this call has been handed on.</summary>
    public async Task CatchUp()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _requested.Add(source);
            _nudge.Cancel();
        }

        await source.Task;
    }

    /// <summary>Hands on what the watch says until cancelled.</summary>
    public async Task Run(IWatch watch, CancellationToken stopping)
    {
        var waiting = new List<TaskCompletionSource>();
        try
        {
            for (var stage = Stage.Starting; ; stage = Stage.Reopened)
            {
                try
                {
                    Log.FellBehind(logger, kind, await Follow(watch, stage, waiting, stopping));
                }
#pragma warning disable CA1031 // Whatever went wrong, controllers must not go deaf: reading anew heals it.
                catch (Exception exception) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    Log.Crashed(logger, exception, kind);
                    await Task.Delay(Reopening.Delay(1, random()), clock, stopping);
                }

                watch.Dispose();
                watch = await Reopen(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        finally
        {
            watch.Dispose();
            lock (_gate)
            {
                _ended = true;
                _nudge.Dispose();
                waiting.AddRange(_requested);
            }

            waiting.ForEach(static one => one.TrySetResult());
        }
    }

    /// <summary>Reads one watch until it ends.</summary>
    /// <returns>Why it ended.</returns>
    private async Task<string> Follow(IWatch watch, Stage stage, List<TaskCompletionSource> waiting, CancellationToken stopping)
    {
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            var nudged = TakeRequests(waiting, stopping);
            var events = watch.TakeAvailable(BatchSize);
            if (events.Count == 0)
            {
                waiting.ForEach(static one => one.TrySetResult());
                waiting.Clear();
                await Wait(watch, nudged);
                continue;
            }

            foreach (var change in events)
            {
                switch (change.Type)
                {
                    case EventType.Created or EventType.Updated or EventType.Destroyed when stage is not Stage.Reopened:
                        await Dispatch(change, stage is Stage.Starting, stopping);
                        break;
                    case EventType.Bootstrapped:
                        if (stage is Stage.Reopened)
                        {
                            LookAtAll();
                        }

                        stage = Stage.Live;
                        _bootstrapped.TrySetResult();
                        break;
                    case EventType.Errored:
                        return change.Error ?? "";
                }
            }
        }
    }

    private async ValueTask Dispatch(StateEvent change, bool isBootstrap, CancellationToken cancellation)
    {
        var resource = change.Resource;
        foreach (var subscription in subscriptions)
        {
            var run = subscription.Run;
            var maker = run.TakeEcho(change);
            if (subscription.Primary is { } primary && primary.Wakes(change) && (maker is null || !ItemComparer.Instance.Equals(maker.Value, resource.Ref)))
            {
                run.Enqueue(resource.Ref);
            }

            // At start all items are looked at anyway.
            if (subscription.Mapped is { } mapped && !(isBootstrap && run.HasPrimary) && mapped.Wakes(change))
            {
                await run.EnqueueMapped(mapped, resource, maker, cancellation);
                if (change.Old is { } old && MapsElsewhere(mapped, change, old))
                {
                    await run.EnqueueMapped(mapped, old, maker, cancellation);
                }
            }

            if (subscription.Output is { } output && (isBootstrap || ControllerOutput.Wakes(change)))
            {
                run.EnqueueOwnerOf(output, resource.Metadata, maker);
            }
        }
    }

    /// <summary>Whether the state before may lead to other items: those that it left must know too.</summary>
    private static bool MapsElsewhere(ControllerInput mapped, StateEvent change, Resource old) =>
        mapped.Map is null
            ? !change.ChangesFinalizersOnly()
            : !old.Metadata.Labels.Equals(change.Resource.Metadata.Labels) || !old.Metadata.Annotations.Equals(change.Resource.Metadata.Annotations);

    private void LookAtAll()
    {
        foreach (var subscription in subscriptions)
        {
            subscription.Run.EnqueueAll(kind);
        }
    }

    private async ValueTask<IWatch> Reopen(CancellationToken stopping)
    {
        for (var failures = 1; ; failures++)
        {
            if (state.WatchKind(kind, ResourceQuery.All, WatchOptions.Bootstrap).Succeeded(out var watch, out var fault))
            {
                return watch;
            }

            Log.CantWatch(logger, kind, fault.Message);
            await Task.Delay(Reopening.Delay(failures, random()), clock, stopping);
        }
    }

    /// <summary>What came before the next read of the watch, and a token that ends the wait after it when more comes or the engine stops.</summary>
    private CancellationToken TakeRequests(List<TaskCompletionSource> waiting, CancellationToken stopping)
    {
        lock (_gate)
        {
            waiting.AddRange(_requested);
            _requested.Clear();
            if (_nudge.IsCancellationRequested || !_isNudgeLinked)
            {
                _nudge.Dispose();
                _nudge = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                _isNudgeLinked = true;
            }

            return _nudge.Token;
        }
    }

    private static async ValueTask Wait(IWatch watch, CancellationToken nudged)
    {
        try
        {
            await watch.WaitAsync(nudged);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private enum Stage
    {
        Starting,
        Live,
        Reopened,
    }

    private static partial class Log
    {
        [LoggerMessage(211, LogLevel.Warning, "The controllers' watch of {Kind} fell behind and starts anew, all items of its controllers are checked: {Reason}")]
        public static partial void FellBehind(ILogger logger, KindRef kind, string reason);

        [LoggerMessage(213, LogLevel.Error, "The controllers' watch of {Kind} crashed and starts anew, all items of its controllers are checked; this is a bug")]
        public static partial void Crashed(ILogger logger, Exception exception, KindRef kind);

        [LoggerMessage(212, LogLevel.Warning, "Can't watch {Kind}, trying again: {Reason}. Its controllers see no changes until then; check the store")]
        public static partial void CantWatch(ILogger logger, KindRef kind, string reason);
    }
}
