using Fleethold.Resources;

namespace Fleethold.Runtime.States;

/// <summary>
/// The place of one resource in its collection. Readers see <see cref="Committed"/>; writers are checked against <see cref="Head"/>,
/// which is ahead while changes are on their way to the disk. Guarded by the collection's lock.
/// </summary>
internal sealed class Slot(string id)
{
    public string Id { get; } = id;

    /// <summary>What is durable; null when nothing is yet, or no more.</summary>
    public Resource? Committed { get; set; }

    /// <summary>Revision of the creation of <see cref="Committed"/>.</summary>
    public long CreateRevision { get; set; }

    /// <summary>Revision of the last change of <see cref="Committed"/>.</summary>
    public long ModRevision { get; set; }

    /// <summary>What will be durable once all accepted changes are; null when the resource will be gone.</summary>
    public Resource? Head { get; set; }

    /// <summary>Revision of the creation of <see cref="Head"/>.</summary>
    public long HeadCreateRevision { get; set; }

    /// <summary>The last change on its way; null when head and committed are the same.</summary>
    public PendingWrite? Pending { get; set; }
}

/// <summary>One accepted change, waiting for its commit.</summary>
internal sealed class PendingWrite(Collection collection, Slot slot, Mutation mutation)
{
    // Continuations must not run on the committer's thread: it has the next batch to write.
    private readonly TaskCompletionSource<Fault?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Collection Collection { get; } = collection;

    public Slot Slot { get; } = slot;

    public Mutation Mutation { get; } = mutation;

    /// <summary>Null once durable, or why it isn't.</summary>
    public Task<Fault?> Done => _done.Task;

    public void Complete(Fault? fault) => _done.TrySetResult(fault);
}
