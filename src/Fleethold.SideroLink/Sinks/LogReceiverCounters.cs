namespace Fleethold.SideroLink.Sinks;

/// <summary>What a <see cref="LogReceiver"/> has done since it was made. Each number is exact; they aren't of one moment.</summary>
public sealed class LogReceiverCounters
{
    private long _accepted;
    private long _strangers;
    private long _displaced;
    private long _lines;
    private long _bytes;
    private long _cut;
    private long _rateLimited;
    private long _oversize;
    private long _homeless;

    /// <summary>Connections of machines.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Connections that were closed at once, as their address belongs to no machine.</summary>
    public long Strangers => Interlocked.Read(ref _strangers);

    /// <summary>Connections that were closed for a newer one of the same address.</summary>
    public long Displaced => Interlocked.Read(ref _displaced);

    /// <summary>Lines that were taken.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>Bytes of the lines that were taken.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Lines that were cut at the limit; they are taken or dropped as others are.</summary>
    public long Cut => Interlocked.Read(ref _cut);

    /// <summary>Lines dropped because their machine sent too much (<c>rate_limit</c>).</summary>
    public long RateLimited => Interlocked.Read(ref _rateLimited);

    /// <summary>Lines dropped because they are longer than the burst (<c>oversize</c>).</summary>
    public long Oversize => Interlocked.Read(ref _oversize);

    /// <summary>Lines dropped because their machine went while it was connected.</summary>
    public long Homeless => Interlocked.Read(ref _homeless);

    internal void CountAccepted() => Interlocked.Increment(ref _accepted);

    internal void CountStranger() => Interlocked.Increment(ref _strangers);

    internal void CountDisplaced() => Interlocked.Increment(ref _displaced);

    internal void CountLine(int bytes)
    {
        Interlocked.Increment(ref _lines);
        Interlocked.Add(ref _bytes, bytes);
    }

    internal void CountCut() => Interlocked.Increment(ref _cut);

    internal void CountRateLimited() => Interlocked.Increment(ref _rateLimited);

    internal void CountOversize() => Interlocked.Increment(ref _oversize);

    internal void CountHomeless() => Interlocked.Increment(ref _homeless);
}
