namespace Fleethold.Simulator.Fleets;

/// <summary>What the machines of a fleet have done since it was made. Thread-safe; each figure only grows.</summary>
internal sealed class FleetCounters
{
    private long _provisionCalls;
    private long _provisionFailures;
    private long _eventsAcknowledged;
    private long _eventFailures;
    private long _linesSent;
    private long _logFailures;
    private long _boots;
    private string? _lastFailure;

    /// <summary>Provisioning calls, failed ones included.</summary>
    public long ProvisionCalls => Interlocked.Read(ref _provisionCalls);

    /// <summary>Provisioning calls that were refused or didn't reach the server.</summary>
    public long ProvisionFailures => Interlocked.Read(ref _provisionFailures);

    /// <summary>Events that the server acknowledged.</summary>
    public long EventsAcknowledged => Interlocked.Read(ref _eventsAcknowledged);

    /// <summary>Event calls and connections that failed.</summary>
    public long EventFailures => Interlocked.Read(ref _eventFailures);

    /// <summary>Log lines written, without those on connections that were closed at once.</summary>
    public long LinesSent => Interlocked.Read(ref _linesSent);

    /// <summary>Log connections that failed or were closed.</summary>
    public long LogFailures => Interlocked.Read(ref _logFailures);

    /// <summary>Boots, the first ones included.</summary>
    public long Boots => Interlocked.Read(ref _boots);

    /// <summary>Why the last provisioning call failed; null when none did.</summary>
    public string? LastFailure => Volatile.Read(ref _lastFailure);

    internal void ProvisionCalled() => Interlocked.Increment(ref _provisionCalls);

    internal void ProvisionFailed(string why)
    {
        Interlocked.Increment(ref _provisionFailures);
        Volatile.Write(ref _lastFailure, why);
    }

    internal void EventAcknowledged() => Interlocked.Increment(ref _eventsAcknowledged);

    internal void EventFailed() => Interlocked.Increment(ref _eventFailures);

    internal void Sent(int lines) => Interlocked.Add(ref _linesSent, lines);

    internal void LogFailed() => Interlocked.Increment(ref _logFailures);

    internal void Booted() => Interlocked.Increment(ref _boots);
}
