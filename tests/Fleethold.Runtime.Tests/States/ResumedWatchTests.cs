using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime.States;
using Fleethold.Testing;

namespace Fleethold.Runtime.Tests.States;

public class ResumedWatchTests
{
    [Fact]
    public async Task After_a_restart_a_watch_gets_each_change_since_its_bookmark_once()
    {
        var log = new ScriptedLog
        {
            Loaded = new LoadedState(
                LogId: 42,
                Revision: 30,
                [Loaded("old", 3, 3), Loaded("changed", 4, 20), Loaded("new", 15, 16)],
                [Destroyed("gone", 18, 5), Destroyed("came-and-went", 14, 12), Destroyed("before", 9, 2)],
                Horizon: 0),
        };
        await using var state = await ResourceState.Open(log, TimeProvider.System, Deadline.Token);

        using var watch = state.WatchKind(
            Kinds.Clusters.Ref, ResourceQuery.All, new WatchOptions { StartFromBookmark = Bookmark.Encode(42, 10) }).Value;

        Assert.Equal(
            ["Created new", "Destroyed gone", "Updated changed"],
            watch.TakeAvailable(10).Select(one => $"{one.Type} {one.Resource.Metadata.Id}"));
    }

    [Fact]
    public async Task A_collapsed_replay_moves_the_bookmark_only_with_its_last_event()
    {
        var log = new ScriptedLog { Loaded = new LoadedState(42, 30, [Loaded("a", 15, 15), Loaded("b", 16, 16)], [], 0) };
        await using var state = await ResourceState.Open(log, TimeProvider.System, Deadline.Token);
        var start = Bookmark.Encode(42, 10);

        using var watch = state.WatchKind(Kinds.Clusters.Ref, ResourceQuery.All, new WatchOptions { StartFromBookmark = start }).Value;

        var events = watch.TakeAvailable(10);
        Assert.Equal(start, events[0].Bookmark.ToArray());
        Assert.Equal(Bookmark.Encode(42, 30), events[1].Bookmark.ToArray());
    }

    [Theory]
    [InlineData(42, 4)] // before the horizon
    [InlineData(42, 31)] // from the future
    [InlineData(43, 10)] // of another store
    public async Task A_bookmark_that_cannot_be_honoured_is_refused(long store, long revision)
    {
        var log = new ScriptedLog { Loaded = new LoadedState(42, 30, [], [], Horizon: 5) };
        await using var state = await ResourceState.Open(log, TimeProvider.System, Deadline.Token);

        var watch = state.WatchKind(
            Kinds.Clusters.Ref, ResourceQuery.All, new WatchOptions { StartFromBookmark = Bookmark.Encode(store, revision) });

        Assert.IsType<Fault.InvalidBookmark>(watch.Fault);
    }

    [Fact]
    public async Task A_resource_that_left_the_query_while_nobody_looked_is_destroyed_for_the_watch()
    {
        var log = new ScriptedLog { Loaded = new LoadedState(42, 30, [Loaded("a", 5, 20)], [], 0) };
        await using var state = await ResourceState.Open(log, TimeProvider.System, Deadline.Token);

        using var watch = state.WatchKind(
            Kinds.Clusters.Ref,
            ResourceQuery.By(LabelQuery.Exists("wanted")),
            new WatchOptions { StartFromBookmark = Bookmark.Encode(42, 10) }).Value;

        Assert.Equal(EventType.Destroyed, Assert.Single(watch.TakeAvailable(10)).Type);
    }

    private static LoadedResource Loaded(string id, long created, long modified) => new(Kinds.Clusters.New(id), created, modified);

    private static Mutation Destroyed(string id, long revision, long created) => new(revision, Kinds.Clusters.New(id), created, IsDestroy: true);
}
