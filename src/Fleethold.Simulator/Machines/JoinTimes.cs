namespace Fleethold.Simulator.Machines;

/// <summary>When a boot of a machine reached each step of its join; null when it hasn't yet.</summary>
internal sealed class JoinTimes
{
    /// <summary>Its first provisioning call.</summary>
    public DateTimeOffset? FirstCall { get; set; }

    /// <summary>The first answer to such a call.</summary>
    public DateTimeOffset? FirstAnswer { get; set; }

    /// <summary>The first answer to a call with a unique token, or to any in the legacy flow that brought an event through; its link is there by then.</summary>
    public DateTimeOffset? Linked { get; set; }

    /// <summary>Its first handshake was complete.</summary>
    public DateTimeOffset? Handshake { get; set; }

    /// <summary>The server acknowledged its first event.</summary>
    public DateTimeOffset? FirstEvent { get; set; }

    /// <summary>Its first line was written on a connection that the log receiver hasn't closed at once.</summary>
    public DateTimeOffset? FirstLine { get; set; }

    /// <summary>True when all steps are done.</summary>
    public bool IsComplete => Linked is not null && Handshake is not null && FirstEvent is not null && FirstLine is not null;

    /// <summary>When the last step was done; null when one is missing.</summary>
    public DateTimeOffset? Completed => IsComplete ? new[] { Linked, Handshake, FirstEvent, FirstLine }.Max() : null;
}
