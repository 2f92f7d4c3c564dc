using System.Collections.Concurrent;

namespace Fleethold.Runtime.Tests.States;

/// <summary>A commit log in memory whose commits wait for the test and fail as it says.</summary>
internal sealed class ScriptedLog : ICommitLog
{
    private readonly SemaphoreSlim _started = new(0);
    private readonly SemaphoreSlim _allowed = new(0);

    /// <summary>What the next commits throw; null lets one through.</summary>
    public ConcurrentQueue<CommitLogException?> Failures { get; } = new();

    /// <summary>Everything committed.</summary>
    public ConcurrentQueue<Mutation> Committed { get; } = new();

    public bool Held { get; set; }

    public LoadedState Loaded { get; set; } = new(42, 0, [], [], 0);

    public Task CommitStarted() => _started.WaitAsync(Testing.Deadline.Length);

    public void LetOneThrough() => _allowed.Release();

    public ValueTask<LoadedState> Load(CancellationToken cancellation) => new(Loaded);

    public async ValueTask Commit(IReadOnlyList<Mutation> changes, CancellationToken cancellation)
    {
        if (Held)
        {
            _started.Release();
            await _allowed.WaitAsync(cancellation);
        }

        if (Failures.TryDequeue(out var failure) && failure is not null)
        {
            throw failure;
        }

        foreach (var change in changes)
        {
            Committed.Enqueue(change);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
