using Fleethold.Resources;

namespace Fleethold.Runtime;

/// <summary>What an event of a watch says. The numbers are those of the wire.</summary>
public enum EventType
{
    /// <summary>The resource is new to the watch.</summary>
    Created = 0,

    /// <summary>The resource changed.</summary>
    Updated = 1,

    /// <summary>The resource is gone, or left the query.</summary>
    Destroyed = 2,

    /// <summary>Everything that was there at the start has been sent.</summary>
    Bootstrapped = 3,

    /// <summary>The watch is over: the reader was too slow, or its bookmark is too old.</summary>
    Errored = 4,

    /// <summary>Carries only a bookmark.</summary>
    Noop = 5,
}

/// <summary>
/// One event. <paramref name="Resource"/> is a tombstone (an <see cref="OpaqueResource"/> with empty spec) for Bootstrapped, Noop and the Destroyed
/// that starts the watch of an absent resource.
/// </summary>
/// <param name="Type">What happened.</param>
/// <param name="Resource">The new state; for Destroyed the last one.</param>
/// <param name="Old">The state before, for Updated, where it is still known.</param>
/// <param name="Bookmark">Where to go on from after this event; empty while the bootstrap is sent.</param>
/// <param name="Error">Why the watch ended, for Errored.</param>
public sealed record StateEvent(EventType Type, Resource Resource, Resource? Old = null, ReadOnlyMemory<byte> Bookmark = default, string? Error = null);

/// <summary>Where a watch starts and what it sends first. Without any option it sends what happens from now on.</summary>
public sealed record WatchOptions
{
    /// <summary>Only what happens from now on.</summary>
    public static WatchOptions FromNow { get; } = new();

    /// <summary>First everything that is there, then Bootstrapped, then what happens.</summary>
    public static WatchOptions Bootstrap { get; } = new() { BootstrapContents = true };

    /// <summary>Kind watch only: send all that match as Created in id order, then Bootstrapped.</summary>
    public bool BootstrapContents { get; init; }

    /// <summary>Send one Noop with a bookmark at the start.</summary>
    public bool BootstrapBookmark { get; init; }

    /// <summary>First the last so many events that are remembered; 0 for none.</summary>
    public int TailEvents { get; init; }

    /// <summary>Go on after the event that had this bookmark; empty for none. Bookmarks of persistent kinds outlive the process.</summary>
    public ReadOnlyMemory<byte> StartFromBookmark { get; init; }
}

/// <summary>
/// A cursor over the events of a kind. It holds no events of its own: a reader that doesn't read costs nobody anything,
/// until it has fallen so far behind that its events are forgotten, and gets one Errored event. For one reader at a time.
/// </summary>
public interface IWatch : IDisposable
{
    /// <summary>Takes up to <paramref name="max"/> events that are there already, without waiting. Empty when there are none.</summary>
    IReadOnlyList<StateEvent> TakeAvailable(int max);

    /// <summary>Waits until there is an event to take. After an Errored event it waits until cancelled.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    ValueTask WaitAsync(CancellationToken cancellation);
}
