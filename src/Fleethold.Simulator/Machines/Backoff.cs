namespace Fleethold.Simulator.Machines;

/// <summary>The pauses of a Talos controller that fails: 0.5 s, each 1.5 times the one before, at most 60 s, each spread by half (reference/siderolink.md 7).</summary>
internal sealed class Backoff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private TimeSpan _next = First;

    /// <summary>The next pause.</summary>
    public TimeSpan Next()
    {
        var pause = _next * (0.5 + random.NextDouble());
        _next = _next * 1.5 is var longer && longer < Longest ? longer : Longest;
        return pause;
    }

    /// <summary>Begins again, after a success.</summary>
    public void Reset() => _next = First;
}
