namespace Fleethold.SideroLink.Engine;

/// <summary>Why something was dropped. Strangers never get an answer.</summary>
public enum DropReason
{
    /// <summary>No WireGuard message: wrong type, reserved bytes or length.</summary>
    Malformed,

    /// <summary>The first authentication code fits none of our keys.</summary>
    WrongMac1,

    /// <summary>Under load without a valid cookie; a cookie was sent.</summary>
    CookieNeeded,

    /// <summary>Under load, and its address has used up its share.</summary>
    RateLimited,

    /// <summary>The handshake queue was full, and this was the oldest in it.</summary>
    QueueFull,

    /// <summary>Waited more than 5 s in the handshake queue; its sender has given it up by now.</summary>
    TooOld,

    /// <summary>An initiation whose static key isn't one of our peers', or which doesn't open.</summary>
    UnknownPeer,

    /// <summary>An initiation that doesn't open although its key is known, or a response that doesn't.</summary>
    BadHandshake,

    /// <summary>An initiation with the timestamp of the last one.</summary>
    ReplayedInitiation,

    /// <summary>An initiation with a smaller timestamp than one before: replayed, or the machine's clock was set back.</summary>
    OldInitiation,

    /// <summary>An initiation less than 20 ms after the last one of that peer.</summary>
    InitiationFlood,

    /// <summary>A message for an index that isn't in use.</summary>
    UnknownIndex,

    /// <summary>A packet of a session that is 180 s old or has used up its counters.</summary>
    ExpiredSession,

    /// <summary>A transport message or cookie reply that isn't authentic.</summary>
    NotAuthentic,

    /// <summary>A counter seen before or too old.</summary>
    Replayed,

    /// <summary>The packet inside isn't IP, or is longer than what came.</summary>
    BadPacket,

    /// <summary>The packet inside has a source that isn't the peer's.</summary>
    WrongSource,

    /// <summary>The input filter refused the packet inside.</summary>
    Filtered,

    /// <summary>A packet to send waited for a session and gave way to newer ones, or the handshake failed.</summary>
    StagedDropped,

    /// <summary>No index was free.</summary>
    NoIndex,
}
