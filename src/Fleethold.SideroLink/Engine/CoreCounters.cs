namespace Fleethold.SideroLink.Engine;

/// <summary>What a core has done since it was made. Thread-safe; each figure only grows.</summary>
public sealed class CoreCounters
{
    private readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Length];
    private long _initiationsSent;
    private long _responsesSent;
    private long _cookiesSent;
    private long _handshakes;
    private long _keepalivesSent;

    /// <summary>Messages or packets dropped for this reason.</summary>
    public long this[DropReason reason] => Volatile.Read(ref _dropped[(int)reason]);

    /// <summary>Handshake initiations sent, retries included.</summary>
    public long InitiationsSent => Volatile.Read(ref _initiationsSent);

    /// <summary>Handshake responses sent.</summary>
    public long ResponsesSent => Volatile.Read(ref _responsesSent);

    /// <summary>Cookie replies sent.</summary>
    public long CookiesSent => Volatile.Read(ref _cookiesSent);

    /// <summary>Handshakes complete, in either role.</summary>
    public long Handshakes => Volatile.Read(ref _handshakes);

    /// <summary>Keepalives sent, confirmations of handshakes included.</summary>
    public long KeepalivesSent => Volatile.Read(ref _keepalivesSent);

    internal void Drop(DropReason reason) => Interlocked.Increment(ref _dropped[(int)reason]);

    internal void InitiationSent() => Interlocked.Increment(ref _initiationsSent);

    internal void ResponseSent() => Interlocked.Increment(ref _responsesSent);

    internal void CookieSent() => Interlocked.Increment(ref _cookiesSent);

    internal void HandshakeComplete() => Interlocked.Increment(ref _handshakes);

    internal void KeepaliveSent() => Interlocked.Increment(ref _keepalivesSent);
}
