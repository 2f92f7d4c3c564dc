namespace Fleethold.Runtime.Controllers;

/// <summary>How long a failed item waits before it is tried again: exponential, with jitter, up to a bound.</summary>
/// <param name="Initial">The wait after the first failure, before jitter.</param>
/// <param name="Maximum">The longest wait, before jitter.</param>
/// <param name="Factor">How much longer each next wait is.</param>
/// <param name="Jitter">The share by which a wait is made longer or shorter at random, 0 to 1.</param>
public sealed record BackoffPolicy(TimeSpan Initial, TimeSpan Maximum, double Factor = 1.5, double Jitter = 0.5)
{
    /// <summary>From 500 ms to one minute.</summary>
    public static BackoffPolicy Default { get; } = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));

    /// <summary>The wait after a number of failures in a row.</summary>
    /// <param name="failures">1 for the first failure.</param>
    /// <param name="random">A number from 0 to below 1.</param>
    public TimeSpan Delay(int failures, double random)
    {
        var ticks = Math.Min(Initial.Ticks * Math.Pow(Factor, Math.Min(failures - 1, 1000)), Maximum.Ticks);
        return TimeSpan.FromTicks((long)(ticks * (1 - Jitter + 2 * Jitter * random)));
    }
}
