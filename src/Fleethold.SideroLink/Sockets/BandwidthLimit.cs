namespace Fleethold.SideroLink.Sockets;

/// <summary>
/// One token bucket for all peers and both directions; what goes beyond it is dropped and counted (reference/siderolink.md 4). Thread-safe.
/// </summary>
/// <param name="bytesPerSecond">What flows in the long run.</param>
/// <param name="burst">What may flow at once after a pause, in bytes.</param>
/// <param name="clock">Its monotonic time fills the bucket.</param>
internal sealed class BandwidthLimit(long bytesPerSecond, long burst, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private double _tokens = burst;
    private long _filled = clock.GetTimestamp();
    private long _droppedInbound;
    private long _droppedOutbound;

    /// <summary>Packets from machines that were dropped.</summary>
    public long DroppedInbound => Volatile.Read(ref _droppedInbound);

    /// <summary>Packets to machines that were dropped.</summary>
    public long DroppedOutbound => Volatile.Read(ref _droppedOutbound);

    /// <summary>Whether a datagram of this length may leave.</summary>
    public bool AllowOutbound(int length) => Take(length, ref _droppedOutbound);

    /// <summary>Whether an opened packet of this length may come in.</summary>
    public bool AllowInbound(int length) => Take(length, ref _droppedInbound);

    private bool Take(int length, ref long dropped)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            _tokens = Math.Min(burst, _tokens + (clock.GetElapsedTime(_filled, now).TotalSeconds * bytesPerSecond));
            _filled = now;
            if (length <= _tokens)
            {
                _tokens -= length;
                return true;
            }
        }

        Interlocked.Increment(ref dropped);
        return false;
    }
}
