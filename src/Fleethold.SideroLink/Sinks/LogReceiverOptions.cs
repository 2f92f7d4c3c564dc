namespace Fleethold.SideroLink.Sinks;

/// <summary>Within which limits logs of machines are received (reference/siderolink.md 8.2).</summary>
public sealed record LogReceiverOptions
{
    /// <summary>The most bytes of a line; what is longer is cut.</summary>
    public int LineLimit { get; init; } = 16 * 1024;

    /// <summary>Bytes per second that one machine may send; 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Bytes that one machine may send at once; 0 for those of one second. A longer line is never taken while there is a limit.</summary>
    public long Burst { get; init; }

    /// <summary>The most connections of one address; a new one takes the place of the oldest, which may be what a reboot left behind.</summary>
    public int ConnectionsPerAddress { get; init; } = 4;
}
