namespace Fleethold.SideroLink.Sinks;

/// <summary>What a bucket says to a request.</summary>
internal enum Admission
{
    /// <summary>Go on; the tokens were taken.</summary>
    Granted,

    /// <summary>Not now.</summary>
    TooFast,

    /// <summary>Never: it is more than the bucket holds.</summary>
    TooMuch,
}

/// <summary>A token bucket of bytes; starts full. Thread-safe.</summary>
/// <param name="perSecond">Bytes that flow in per second; 0 for no limit at all.</param>
/// <param name="burst">Bytes that it holds; 0 for those of one second.</param>
/// <param name="clock">The clock.</param>
internal sealed class TokenBucket(long perSecond, long burst, TimeProvider clock)
{
    private readonly double _capacity = burst > 0 ? burst : perSecond;
    private readonly Lock _gate = new();
    private double _tokens = burst > 0 ? burst : perSecond;
    private long _filledAt = clock.GetTimestamp();

    /// <summary>Takes bytes, all or none.</summary>
    public Admission Take(int bytes)
    {
        if (perSecond <= 0)
        {
            return Admission.Granted;
        }

        if (bytes > _capacity)
        {
            return Admission.TooMuch;
        }

        lock (_gate)
        {
            var now = clock.GetTimestamp();
            _tokens = double.Min(_capacity, _tokens + (clock.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond));
            _filledAt = now;
            if (bytes > _tokens)
            {
                return Admission.TooFast;
            }

            _tokens -= bytes;
            return Admission.Granted;
        }
    }
}
