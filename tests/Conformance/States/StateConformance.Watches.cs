using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;
using Fleethold.Testing;

namespace Fleethold.Conformance.States;

public abstract partial class StateConformance
{
    [Fact]
    public async Task A_watch_from_now_sees_each_change_once_in_order_with_the_state_before()
    {
        await Created("before");
        using var watch = Watching(WatchOptions.FromNow);

        var first = await Created("a");
        await Changed(first, "v2");
        await State.Teardown(Named("a"), cancellation: Deadline.Token);
        await Destroyed("a");

        var events = await Next(watch, 4);
        Assert.Equal(["Created a@1", "Updated a@2", "Updated a@3", "Destroyed a@3"], events.Select(Text));
        Assert.Equal((null, "v1.10.0", "v2"), (events[0].Old, Version(events[1].Old!), Version(events[2].Old!)));
        Assert.Equal(Phase.TearingDown, events[3].Resource.Metadata.Phase);
        Assert.All(events, one => Assert.NotEqual(0, one.Bookmark.Length));
    }

    [Fact]
    public async Task A_watch_with_bootstrap_sees_what_is_there_in_the_order_of_ids_then_the_changes()
    {
        await Created("b");
        await Created("a");
        using var watch = Watching(WatchOptions.Bootstrap);
        await Created("0");

        var events = await Next(watch, 4);
        Assert.Equal(["Created a@1", "Created b@1", "Bootstrapped", "Created 0@1"], events.Select(Text));
        Assert.Equal([true, true, false, false], events.Select(one => one.Bookmark.IsEmpty));
        Assert.Equal("", events[2].Resource.Metadata.Id);
    }

    [Fact]
    public async Task A_bootstrap_bookmark_is_a_noop_from_which_a_watch_goes_on()
    {
        await Created("a");
        using var watch = Watching(new WatchOptions { BootstrapBookmark = true });
        var noop = Assert.Single(await Next(watch, 1));
        Assert.Equal(EventType.Noop, noop.Type);
        await Created("b");

        using var resumed = Watching(new WatchOptions { StartFromBookmark = noop.Bookmark });
        await Sees(resumed, "Created b@1");
    }

    [Fact]
    public async Task A_watch_of_one_resource_begins_with_its_present_state()
    {
        await Created("a");
        using var there = State.Watch(Named("a"), WatchOptions.FromNow).Value;
        using var absent = State.Watch(Named("b"), WatchOptions.FromNow).Value;

        await Sees(there, "Created a@1");
        var tombstone = Assert.Single(await Next(absent, 1));
        Assert.Equal((EventType.Destroyed, false), (tombstone.Type, tombstone.Resource.Metadata.Version.IsDefined));

        await Created("b");
        await Created("c");
        await Sees(absent, "Created b@1");
        await Destroyed("a");
        await Sees(there, "Destroyed a@1");
    }

    [Fact]
    public async Task A_watch_with_a_query_sees_resources_enter_and_leave()
    {
        using var watch = Watching(WatchOptions.FromNow, ResourceQuery.By(LabelQuery.Equal("l", "in")));

        var one = (await State.Create(WithLabel(New("a"), "l", "in"), cancellation: Deadline.Token)).Value;
        await Created("never");
        one = await Changed(one, "v2");
        one = (await State.Update(WithLabel(one, "l", "out"), cancellation: Deadline.Token)).Value;
        one = await Changed(one, "v3");
        one = (await State.Update(WithLabel(one, "l", "in"), cancellation: Deadline.Token)).Value;
        await Destroyed("a");

        var events = await Next(watch, 5);
        Assert.Equal(["Created a@1", "Updated a@2", "Destroyed a@3", "Created a@5", "Destroyed a@5"], events.Select(Text));
        Assert.Equal("out", events[2].Resource.Metadata.Labels["l"]);
        Assert.Null(events[2].Old);
        Assert.Null(events[3].Old);
        Assert.Empty(watch.TakeAvailable(1));
    }

    [Fact]
    public async Task The_last_events_are_sent_first_when_asked_for()
    {
        var a = await Created("a");
        await Created("b");
        a = await Changed(a, "v2");
        await Changed(a, "v3");

        using var kind = Watching(new WatchOptions { TailEvents = 2 });
        using var one = State.Watch(Named("a"), new WatchOptions { TailEvents = 2 }).Value;
        using var all = State.Watch(Named("b"), new WatchOptions { TailEvents = 99 }).Value;

        await Sees(kind, "Updated a@2", "Updated a@3");
        await Sees(one, "Updated a@2", "Updated a@3");
        await Sees(all, "Created b@1");
    }

    [Fact]
    public async Task A_watch_goes_on_after_the_event_of_its_bookmark()
    {
        using var watch = Watching(WatchOptions.FromNow);
        var a = await Created("a");
        await Created("b");
        await Changed(a, "v2");
        var events = await Next(watch, 3);

        using var afterFirst = Watching(new WatchOptions { StartFromBookmark = events[0].Bookmark });
        using var afterLast = Watching(new WatchOptions { StartFromBookmark = events[2].Bookmark });
        using var onlyA = State.Watch(Named("a"), new WatchOptions { StartFromBookmark = events[0].Bookmark }).Value;

        await Sees(afterFirst, "Created b@1", "Updated a@2");
        await Sees(onlyA, "Updated a@2");
        Assert.Empty(afterLast.TakeAvailable(1));
        await Destroyed("b");
        await Sees(afterLast, "Destroyed b@1");
    }

    [Fact]
    public async Task Bookmarks_of_something_else_are_refused()
    {
        await Created("a");
        foreach (var bookmark in (byte[][])[[1], [0, 0, 0, 0, 0, 0, 0, 1], new byte[16], [.. Enumerable.Repeat((byte)255, 16)], new byte[1000]])
        {
            Assert.IsType<Fault.InvalidBookmark>(State.WatchKind(Kind.Ref, ResourceQuery.All, new WatchOptions { StartFromBookmark = bookmark }).Fault);
        }
    }

    [Fact]
    public async Task Options_that_exclude_each_other_are_refused()
    {
        using var watch = Watching(WatchOptions.FromNow);
        await Created("a");
        var bookmark = (await Next(watch, 1))[0].Bookmark;

        Assert.IsType<Fault.Invalid>(State.WatchKind(Kind.Ref, ResourceQuery.All, new() { TailEvents = 1, StartFromBookmark = bookmark }).Fault);
        Assert.IsType<Fault.Invalid>(State.WatchKind(Kind.Ref, ResourceQuery.All, new() { TailEvents = 1, BootstrapContents = true }).Fault);
        Assert.IsType<Fault.Invalid>(State.WatchKind(Kind.Ref, ResourceQuery.All, new() { StartFromBookmark = bookmark, BootstrapContents = true }).Fault);
        Assert.IsType<Fault.Unsupported>(State.Watch(Named("a"), WatchOptions.Bootstrap).Fault);
    }

    [Fact]
    public async Task Bookmarks_before_the_start_are_refused_by_ephemeral_kinds()
    {
        using var watch = State.WatchKind(Kinds.LinkStatuses.Ref, ResourceQuery.All, WatchOptions.FromNow).Value;
        await State.Create(Kinds.LinkStatuses.New("x"), cancellation: Deadline.Token);
        var bookmark = (await Next(watch, 1))[0].Bookmark;

        await Restart();

        Assert.IsType<Fault.InvalidBookmark>(
            State.WatchKind(Kinds.LinkStatuses.Ref, ResourceQuery.All, new WatchOptions { StartFromBookmark = bookmark }).Fault);
    }

    [Fact]
    public async Task A_watch_that_falls_too_far_behind_ends_with_one_error_and_costs_nobody_else_anything()
    {
        using var slow = State.WatchKind(Kinds.LinkStatuses.Ref, ResourceQuery.All, WatchOptions.FromNow).Value;
        using var quick = State.WatchKind(Kinds.LinkStatuses.Ref, ResourceQuery.All, WatchOptions.FromNow).Value;
        var present = (await State.Create(Kinds.LinkStatuses.New("x"), cancellation: Deadline.Token)).Value;
        Assert.Single(quick.TakeAvailable(100));
        for (var update = 0; update < 10_050; update++)
        {
            present = (await State.Update(present, cancellation: Deadline.Token)).Value;
            Assert.Single(quick.TakeAvailable(100));
        }

        var error = Assert.Single(await Next(slow, 1));
        Assert.Equal(EventType.Errored, error.Type);
        Assert.StartsWith("buffer overrun: namespace \"ephemeral\" type \"LinkStatuses.omni.sidero.dev\", write pos ", error.Error, StringComparison.Ordinal);
        await State.Update(present, cancellation: Deadline.Token);
        Assert.Empty(slow.TakeAvailable(10));
        using var ended = new CancellationTokenSource();
        var waiting = slow.WaitAsync(ended.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_waiting_watch_is_woken_by_what_concerns_it_and_ends_when_cancelled()
    {
        using var watch = Watching(WatchOptions.FromNow);
        var waiting = watch.WaitAsync(Deadline.Token).AsTask();
        await Created("a");
        await Deadline.Within(waiting);
        await Sees(watch, "Created a@1");

        using var cancelled = new CancellationTokenSource();
        var second = watch.WaitAsync(cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Deadline.Within(second));
    }
}
