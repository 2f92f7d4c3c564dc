using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Server.States;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Server.Tests;

/// <summary>A commit log in memory that tests can hold up and break.</summary>
internal sealed class GatedLog : ICommitLog
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _gate;

    /// <summary>Why commits fail; null while they don't.</summary>
    public string? Broken { get; set; }

    /// <summary>Ends when the log was closed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Puts this log in the place of a server's store.</summary>
    public void Use(IServiceCollection services) =>
        services.AddSingleton<StateOpener>(async (clock, cancellation) => new OpenedState(await ResourceState.Open(this, clock, cancellation)));

    /// <summary>Holds up every commit from now on.</summary>
    /// <returns>Ends when a commit waits.</returns>
    public Task HoldUp()
    {
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _reached.Task;
    }

    /// <summary>Lets commits through.</summary>
    public void Release() => Interlocked.Exchange(ref _gate, null)?.SetResult();

    public ValueTask<LoadedState> Load(CancellationToken cancellation) => new(new LoadedState(1, 0, [], [], 0));

    public async ValueTask Commit(IReadOnlyList<Mutation> changes, CancellationToken cancellation)
    {
        Assert.False(_closed.Task.IsCompleted, "a commit came after the log was closed");
        if (Broken is { } why)
        {
            throw new CommitLogException(why);
        }

        if (_gate is { } gate)
        {
            _reached.TrySetResult();
            await gate.Task;
        }
    }

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
