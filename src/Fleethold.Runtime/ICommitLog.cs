using Fleethold.Resources;

namespace Fleethold.Runtime;

/// <summary>One change on its way to the disk.</summary>
/// <param name="Revision">Its place in the order of all durable changes; higher than all before.</param>
/// <param name="Resource">The new content; for a destroy the last one.</param>
/// <param name="CreateRevision">The revision of the resource's creation; equal to <paramref name="Revision"/> for a create.</param>
/// <param name="IsDestroy">True when the resource is gone with this change.</param>
public readonly record struct Mutation(long Revision, Resource Resource, long CreateRevision, bool IsDestroy);

/// <summary>A resource as the log remembers it.</summary>
/// <param name="Resource">Its content.</param>
/// <param name="CreateRevision">The revision of its creation.</param>
/// <param name="ModRevision">The revision of its last change.</param>
public readonly record struct LoadedResource(Resource Resource, long CreateRevision, long ModRevision);

/// <summary>Everything that a log held when it was opened.</summary>
/// <param name="LogId">A random number made with the store: bookmarks of another store are refused by it.</param>
/// <param name="Revision">The last revision used.</param>
/// <param name="Resources">All resources.</param>
/// <param name="Tombstones">The last content of resources destroyed lately, in the order of their revisions; at least the last 10,000.</param>
/// <param name="Horizon">Destroys at or below this revision may be forgotten: watches can't go on from bookmarks before it.</param>
public sealed record LoadedState(
    long LogId, long Revision, IReadOnlyList<LoadedResource> Resources, IReadOnlyList<Mutation> Tombstones, long Horizon);

/// <summary>
/// Where durable changes go: implemented by each storage backend, driven by one writer at a time (the state).
/// </summary>
public interface ICommitLog : IAsyncDisposable
{
    /// <summary>Reads everything, once, before the first commit.</summary>
    /// <exception cref="CommitLogException">The store is damaged, sealed with another key, or out of reach; the message says what to do.</exception>
    ValueTask<LoadedState> Load(CancellationToken cancellation);

    /// <summary>
    /// Makes all changes durable, together: when it returns they survive any crash; when it throws <see cref="CommitLogException"/>, none of them
    /// was made if <see cref="CommitLogException.Outcome"/> is <see cref="CommitOutcome.NotWritten"/>, and it isn't known otherwise.
    /// After <see cref="CommitOutcome.Unknown"/> the state refuses other writes and repeats the same changes until they get through:
    /// the log must recognise by their revisions the ones it already holds.
    /// </summary>
    ValueTask Commit(IReadOnlyList<Mutation> changes, CancellationToken cancellation);
}

/// <summary>What is known about a commit that failed.</summary>
public enum CommitOutcome
{
    /// <summary>Nothing of it is in the store. The state may try later writes.</summary>
    NotWritten,

    /// <summary>It may be in the store or not. The state repeats the same commit until it gets through.</summary>
    Unknown,
}

/// <summary>A store that can't be read or written; the message says why and what to do.</summary>
public sealed class CommitLogException(string message, CommitOutcome outcome = CommitOutcome.NotWritten, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What is known about the changes of the commit.</summary>
    public CommitOutcome Outcome { get; } = outcome;
}
