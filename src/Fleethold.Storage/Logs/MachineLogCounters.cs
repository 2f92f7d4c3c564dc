namespace Fleethold.Storage.Logs;

/// <summary>What a <see cref="MachineLogStore"/> has done since it was opened.</summary>
public sealed class MachineLogCounters
{
    private long _stored;
    private long _lost;
    private long _commits;
    private long _damaged;

    /// <summary>Lines that were stored.</summary>
    public long Stored => Interlocked.Read(ref _stored);

    /// <summary>Lines that were taken and then lost, as the database failed (a full disk, say).</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Transactions with lines.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Stored lines that a reader skipped, as they don't open.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    internal void CountCommit(int lines)
    {
        Interlocked.Increment(ref _commits);
        Interlocked.Add(ref _stored, lines);
    }

    internal void CountLost(int lines) => Interlocked.Add(ref _lost, lines);

    internal void CountDamaged() => Interlocked.Increment(ref _damaged);
}
