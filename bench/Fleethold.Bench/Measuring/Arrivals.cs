using System.Diagnostics;

namespace Fleethold.Bench.Measuring;

/// <summary>When updates started, and when each of their watchers heard of them.</summary>
/// <param name="count">How many updates there will be.</param>
/// <param name="watchersEach">How many watchers each update concerns.</param>
/// <param name="warmUp">So many updates at the start don't count.</param>
internal sealed class Arrivals(int count, int watchersEach, int warmUp)
{
    private readonly long[] _starts = new long[count];
    private readonly double[] _latencies = new double[(count - warmUp) * watchersEach];
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _arrived;
    private int _counted;

    /// <summary>How many updates there will be.</summary>
    public int Count => count;

    /// <summary>Done when every watcher heard of every update that concerns it.</summary>
    public Task All => _all.Task;

    /// <summary>The update is about to be made.</summary>
    public void Started(int update) => _starts[update] = Stopwatch.GetTimestamp();

    /// <summary>A watcher heard of it.</summary>
    public void Arrived(int update)
    {
        var latency = Stopwatch.GetElapsedTime(_starts[update]).TotalMilliseconds;
        if (update >= warmUp)
        {
            _latencies[Interlocked.Increment(ref _counted) - 1] = latency;
        }

        if (Interlocked.Increment(ref _arrived) == count * watchersEach)
        {
            _all.SetResult();
        }
    }

    /// <summary>All latencies in ms, once <see cref="All"/> is done.</summary>
    public double[] Latencies() => _latencies;
}
