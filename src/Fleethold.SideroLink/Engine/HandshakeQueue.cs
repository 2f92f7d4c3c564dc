namespace Fleethold.SideroLink.Engine;

/// <summary>
/// Handshake messages that wait for a thread of their own, so that a storm of them never delays data. Bounded; the newest leaves first, those of
/// known endpoints before strangers; what waited more than 5 s is dropped. Thread-safe.
/// </summary>
public sealed class HandshakeQueue
{
    internal HandshakeQueue()
    {
    }

    /// <summary>Messages waiting.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Blocks until a message waits, the time is over, or <see cref="Wake"/> is called; true when a message waits.</summary>
    public bool Wait(TimeSpan timeout) => throw new NotImplementedException();

    /// <summary>Ends all waits that are under way, for stopping the thread.</summary>
    public void Wake() => throw new NotImplementedException();
}
