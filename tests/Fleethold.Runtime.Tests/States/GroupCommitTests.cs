using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.States;
using Fleethold.Testing;

namespace Fleethold.Runtime.Tests.States;

public class GroupCommitTests
{
    private readonly ScriptedLog _log = new();

    [Fact]
    public async Task A_write_is_neither_acknowledged_nor_seen_before_it_is_durable()
    {
        await using var state = await Open(held: true);
        using var watch = state.WatchKind(Kinds.Clusters.Ref, Resources.Queries.ResourceQuery.All, WatchOptions.FromNow).Value;

        var write = state.Create(Cluster("a"));
        await _log.CommitStarted();

        Assert.False(write.IsCompleted);
        Assert.IsType<Fault.NotFound>((await state.Get(Kinds.Clusters, "a")).Fault);
        Assert.Empty(watch.TakeAvailable(10));

        _log.LetOneThrough();
        Assert.Null((await write).Fault);
        Assert.Equal(EventType.Created, Assert.Single(watch.TakeAvailable(10)).Type);
    }

    [Fact]
    public async Task Writes_that_arrive_during_a_commit_share_the_next_one()
    {
        await using var state = await Open(held: true);
        var first = state.Create(Cluster("a")).AsTask();
        await _log.CommitStarted();

        var others = Enumerable.Range(0, 50).Select(n => state.Create(Cluster($"b{n}")).AsTask()).ToArray();
        _log.LetOneThrough();
        await _log.CommitStarted();
        _log.LetOneThrough();

        await Deadline.Within(Task.WhenAll([first, .. others]));
        Assert.Equal(51, _log.Committed.Count);
    }

    [Fact]
    public async Task A_refusal_that_rests_on_a_write_under_way_waits_for_it()
    {
        await using var state = await Open(held: true);
        var first = state.Create(Cluster("a")).AsTask();
        await _log.CommitStarted();

        var second = state.Create(Cluster("a")).AsTask();
        Assert.False(second.IsCompleted);

        _log.LetOneThrough();
        Assert.IsType<Fault.AlreadyExists>((await Deadline.Within(second)).Fault);
        Assert.Null((await first).Fault);
    }

    [Fact]
    public async Task A_commit_that_wrote_nothing_takes_back_its_writes_and_the_next_ones_go_through()
    {
        await using var state = await Open();
        _log.Failures.Enqueue(new CommitLogException("the disk is full: free some space"));

        var failed = await state.Create(Cluster("a"));
        Assert.Equal("the disk is full: free some space", Assert.IsType<Fault.Unavailable>(failed.Fault).Message);
        Assert.Equal("the disk is full: free some space", state.WritesRefusedBecause);

        Assert.Null((await state.Create(Cluster("a"))).Fault);
        Assert.Null(state.WritesRefusedBecause);
    }

    [Fact]
    public async Task A_write_built_on_one_that_failed_fails_with_it()
    {
        await using var state = await Open(held: true);
        var create = state.Create(Cluster("a")).AsTask();
        await _log.CommitStarted();
        var destroy = state.Destroy(Kinds.Clusters.Named("a")).AsTask();
        _log.Failures.Enqueue(new CommitLogException("no"));
        _log.LetOneThrough();

        Assert.IsType<Fault.Unavailable>((await Deadline.Within(create)).Fault);
        Assert.IsType<Fault.Unavailable>((await Deadline.Within(destroy)).Fault);
        Assert.IsType<Fault.NotFound>((await state.Get(Kinds.Clusters, "a")).Fault);
    }

    [Fact]
    public async Task A_commit_in_doubt_is_repeated_until_it_is_known()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        await using var state = await ResourceState.Open(_log, clock, Deadline.Token);
        using var watch = state.Watch(Kinds.Clusters.Named("a"), WatchOptions.FromNow).Value;
        Assert.Equal(EventType.Destroyed, Assert.Single(watch.TakeAvailable(1)).Type);
        _log.Failures.Enqueue(new CommitLogException("etcd is out of reach", CommitOutcome.Unknown));

        var write = await state.Create(Cluster("a"));
        Assert.Contains("isn't known", Assert.IsType<Fault.Unavailable>(write.Fault).Message);
        Assert.IsType<Fault.Unavailable>((await state.Create(Cluster("b"))).Fault);

        var seen = watch.WaitAsync(Deadline.Token).AsTask();
        while (!seen.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await seen;
        Assert.Equal(EventType.Created, Assert.Single(watch.TakeAvailable(1)).Type);
        Assert.Null((await state.Get(Kinds.Clusters, "a")).Fault);
    }

    [Fact]
    public async Task Closing_writes_what_was_accepted()
    {
        var state = await Open(held: true);
        var write = state.Create(Cluster("a")).AsTask();
        await _log.CommitStarted();
        var closing = state.DisposeAsync().AsTask();
        _log.LetOneThrough();

        await Deadline.Within(closing);
        Assert.Null((await write).Fault);
        Assert.IsType<Fault.Unavailable>((await state.Create(Cluster("b"))).Fault);
    }

    private static Resource<ClusterSpec> Cluster(string id) => Kinds.Clusters.New(id);

    private async Task<ResourceState> Open(bool held = false)
    {
        _log.Held = held;
        return await ResourceState.Open(_log, TimeProvider.System, Deadline.Token);
    }
}
