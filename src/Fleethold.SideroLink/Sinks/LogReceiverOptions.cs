using System.Net;

namespace Fleethold.SideroLink.Sinks;

/// <summary>How logs of machines are received.</summary>
public sealed record LogReceiverOptions
{
    /// <summary>Where it listens: the server's tunnel address and the port that machines are told (reference/siderolink.md 8.2).</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>The most bytes of a line; what is longer is cut.</summary>
    public int LineLimit { get; init; } = 16 * 1024;

    /// <summary>Bytes per second that one machine may send; 0 for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Bytes that one machine may send at once; 0 for those of one second. A longer line is never taken while there is a limit.</summary>
    public long Burst { get; init; }

    /// <summary>The most connections of one address; a new one takes the place of the oldest, which may be what a reboot left behind.</summary>
    public int ConnectionsPerAddress { get; init; } = 4;

    /// <summary>How long the start waits for the address to come up, as the tunnel device may be young.</summary>
    public TimeSpan BindPatience { get; init; } = TimeSpan.FromSeconds(20);
}
