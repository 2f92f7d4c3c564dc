using Fleethold.Resources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleethold.Runtime.Controllers;

/// <summary>
/// Runs controllers over a state: one watch per kind, one queue per controller.
/// <list type="bullet">
/// <item>Guarantee: after a change of a declared input every item that it concerns is reconciled at least once from a state that shows the change;
/// at start every item is. Several changes may be met by one call.</item>
/// <item>Ordering: an item is never reconciled twice at once. Between items there is no order.</item>
/// <item>Isolation: faults and exceptions concern their item alone; it is tried again with back-off.</item>
/// </list>
/// Started once, stopped once.
/// </summary>
public sealed partial class ControllerEngine : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly Dictionary<string, ControllerRun> _byName;
    private readonly ControllerRun[] _runs;
    private readonly (KindRef Kind, KindFeed Feed)[] _feeds;
    private readonly ControllerMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private Task _feeding = Task.CompletedTask;
    private int _stage;

    /// <summary>An engine that isn't started yet.</summary>
    /// <param name="state">The state. It is not disposed of.</param>
    /// <param name="controllers">What to run.</param>
    /// <param name="clock">For back-off, requeues and intervals.</param>
    /// <param name="random">For the jitter of back-off; only the engine may use it from now on.</param>
    /// <param name="logger">Where failures are told; nowhere when left out.</param>
    public ControllerEngine(IState state, ControllerSet controllers, TimeProvider clock, Random random, ILogger? logger = null)
    {
        (_clock, _logger) = (clock, logger ?? NullLogger.Instance);
        var gate = new Lock();
        double NextRandom()
        {
            lock (gate)
            {
                return random.NextDouble();
            }
        }

        _runs = [.. controllers.Controllers.Select(one => new ControllerRun(one, state, clock, NextRandom, _logger, _abort.Token))];
        _byName = _runs.ToDictionary(static run => run.Controller.Name, StringComparer.Ordinal);
        _feeds =
        [
            .. _runs.SelectMany(static run => run.Controller.Watched()).Distinct()
                .Select(kind => (kind, new KindFeed(kind, state, [.. SubscriptionsOf(kind)], clock, NextRandom, _logger))),
        ];
        _metrics = new ControllerMetrics(this, _runs);
    }

    /// <summary>How long <see cref="StopAsync"/> lets running calls finish before it cancels them; 10 seconds when not said.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <see cref="StopAsync"/> waits for cancelled calls; 5 seconds when not said.</summary>
    public TimeSpan AbortTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What a controller did so far.</summary>
    /// <exception cref="KeyNotFoundException">There is no controller of this name.</exception>
    public ControllerStatistics StatisticsOf(string controller) => _byName[controller].Statistics;

    /// <summary>
    /// Opens all watches, reads what is there, and lets the controllers run. Returns when all of that is done; the first items may be
    /// reconciled already, but none before every watch is open.
    /// </summary>
    /// <exception cref="FaultException">The state can't be watched; nothing runs.</exception>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        if (Interlocked.CompareExchange(ref _stage, 1, 0) != 0)
        {
            throw new InvalidOperationException("an engine is started once; make a new one");
        }

        var watches = new List<IWatch>(_feeds.Length);
        try
        {
            foreach (var (_, feed) in _feeds)
            {
                watches.Add(feed.Open());
            }
        }
        catch
        {
            watches.ForEach(static watch => watch.Dispose());
            throw;
        }

        _feeding = Task.WhenAll(_feeds.Select((entry, index) => Task.Run(() => entry.Feed.Run(watches[index], _stopping.Token), CancellationToken.None)));
        await Task.WhenAny(Task.WhenAll(_feeds.Select(static entry => entry.Feed.Bootstrapped)), _feeding).WaitAsync(cancellation);
        if (_feeding.IsFaulted)
        {
            await _feeding;
        }

        foreach (var run in _runs)
        {
            run.EnqueueFixed();
            run.Open();
        }

        Log.Started(_logger, _runs.Length, _feeds.Length);
    }

    /// <summary>
    /// Ends when nothing is queued or running and every change that was made before is dealt with. Items that wait for their time don't count.
    /// </summary>
    public async Task IdleAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            var before = Additions();
            await Task.WhenAll(_feeds.Select(static entry => entry.Feed.CatchUp())).WaitAsync(cancellation);
            var idle = _runs.Select(static run => run.Idle()).ToArray();
            if (Array.TrueForAll(idle, static one => one.IsCompletedSuccessfully) && Additions() == before)
            {
                return;
            }

            await Task.WhenAll(idle).WaitAsync(cancellation);
        }
    }

    /// <summary>
    /// Stops in order: no more changes are heard, no more items are begun, running calls finish (for <see cref="DrainTimeout"/>), then they are
    /// cancelled (for <see cref="AbortTimeout"/>). What is left undone is found again at the next start.
    /// </summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stage, 2) == 2)
        {
            return;
        }

        foreach (var run in _runs)
        {
            run.Close();
        }

        await _stopping.CancelAsync();
        await _feeding;
        var drained = Task.WhenAll(_runs.Select(static run => run.Idle()));
        if (!await EndsWithin(drained, DrainTimeout))
        {
            Log.Aborting(_logger, DrainTimeout, Unfinished());
            await _abort.CancelAsync();
            if (!await EndsWithin(drained, AbortTimeout))
            {
                Log.LeftRunning(_logger, Unfinished());
            }
        }

        await _abort.CancelAsync();
        Log.Stopped(_logger);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _metrics.Dispose();
        foreach (var run in _runs)
        {
            run.Dispose();
        }
    }

    private IEnumerable<KindSubscription> SubscriptionsOf(KindRef kind)
    {
        foreach (var run in _runs)
        {
            ControllerInput? InputOf(InputUse use) => run.Controller.Inputs.FirstOrDefault(input => input.Use == use && input.Kind.Ref == kind);

            var output = run.Controller.Outputs.FirstOrDefault(output => output.ItemsOf is not null && output.Kind.Ref == kind);
            var (primary, mapped) = (InputOf(InputUse.Primary), InputOf(InputUse.Mapped));
            if (primary is not null || mapped is not null || output is not null)
            {
                yield return new KindSubscription(run, primary, mapped, output);
            }
        }
    }

    private long Additions() => _runs.Sum(static run => run.Additions);

    private string Unfinished() => string.Join(", ", _runs.Where(static run => !run.Idle().IsCompleted).Select(static run => run.Controller.Name));

    private async Task<bool> EndsWithin(Task task, TimeSpan time)
    {
        try
        {
            await task.WaitAsync(time, _clock);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(221, LogLevel.Information, "{Controllers} controllers run, over {Kinds} kinds")]
        public static partial void Started(ILogger logger, int controllers, int kinds);

        [LoggerMessage(222, LogLevel.Information, "Controllers are stopped")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(223, LogLevel.Warning, "Controllers that didn't finish within {Timeout} are cancelled: {Controllers}; what they left undone is taken up at the next start")]
        public static partial void Aborting(ILogger logger, TimeSpan timeout, string controllers);

        [LoggerMessage(224, LogLevel.Error, "Controllers that don't heed their cancellation are left behind: {Controllers}; this is a bug of theirs, end the process")]
        public static partial void LeftRunning(ILogger logger, string controllers);
    }
}
