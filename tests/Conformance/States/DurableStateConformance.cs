using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Testing;

namespace Fleethold.Conformance.States;

/// <summary>What <see cref="IState"/> promises besides when a store is behind it.</summary>
public abstract class DurableStateConformance : StateConformance
{
    /// <summary>Makes the store refuse writes that need space.</summary>
    protected abstract ValueTask Break();

    /// <summary>Ends what <see cref="Break"/> did.</summary>
    protected abstract ValueTask Mend();

    protected sealed override bool IsDurable => true;

    [Fact]
    public async Task What_was_written_is_there_after_a_restart_and_versions_go_on()
    {
        var first = await Created("a", "owner");
        var second = await Changed(first, "v2", "owner");
        await Created("b");
        await Destroyed("b");
        await State.Create(Kinds.MachineLabels.New("m"), cancellation: Deadline.Token);

        await Restart();

        var found = (await State.Get(Named("a"), Deadline.Token)).Value;
        Assert.True(found.SameAs(second));
        Assert.Equal((second.Metadata.Created, second.Metadata.Updated), (found.Metadata.Created, found.Metadata.Updated));
        Assert.IsType<Fault.NotFound>((await State.Get(Named("b"), Deadline.Token)).Fault);
        Assert.Null((await State.Get(Kinds.MachineLabels.Named("m"), Deadline.Token)).Fault);
        Assert.Equal(new ResourceVersion(3), (await Changed(found, "v3", "owner")).Metadata.Version);
        Assert.Equal(ResourceVersion.First, (await Created("b")).Metadata.Version);
    }

    [Fact]
    public async Task A_store_that_refuses_writes_is_told_apart_and_serves_again_when_it_can()
    {
        var first = await Created("a");
        await Break();

        Assert.IsType<Fault.Unavailable>((await State.Create(New("b", new string('x', 100_000)), cancellation: Deadline.Token)).Fault);
        Assert.True((await State.Get(Named("a"), Deadline.Token)).Value.SameAs(first));

        await Mend();
        var deadline = Deadline.Token;
        while ((await State.Create(New("c"), cancellation: deadline)).Fault is Fault.Unavailable)
        {
            deadline.ThrowIfCancellationRequested();
            Clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        await Changed(first, "v2");
        await Restart();
        Assert.Equal("v2", Version((await State.Get(Named("a"), Deadline.Token)).Value));
        Assert.Null((await State.Get(Named("c"), Deadline.Token)).Fault);
    }

    [Fact]
    public async Task After_a_restart_a_watch_goes_on_from_its_bookmark_and_misses_nothing()
    {
        using var watch = Watching(WatchOptions.FromNow);
        var kept = await Created("kept");
        await Created("gone");
        var changed = await Created("changed");
        await Created("again");
        var bookmark = (await Next(watch, 4))[3].Bookmark;
        await Destroyed("gone");
        changed = await Changed(changed, "v2");
        await Changed(changed, "v3");
        await Destroyed("again");
        await Created("again");
        await Created("short");
        await Destroyed("short");

        await Restart();

        using var resumed = Watching(new WatchOptions { StartFromBookmark = bookmark });
        await Created("later");

        // Several versions may be collapsed into the last one; what was made again may show as an update or as destroyed and created.
        var last = new Dictionary<string, StateEvent>();
        do
        {
            var one = (await Next(resumed, 1))[0];
            last[one.Resource.Metadata.Id] = one;
        }
        while (!last.ContainsKey("later"));
        Assert.DoesNotContain(kept.Metadata.Id, last.Keys);
        Assert.Equal(EventType.Destroyed, last["gone"].Type);
        Assert.Equal("Updated changed@3", Text(last["changed"]));
        Assert.True(last["again"].Type is EventType.Created or EventType.Updated);
        Assert.True(!last.TryGetValue("short", out var ended) || ended.Type == EventType.Destroyed);
        Assert.Empty(resumed.TakeAvailable(1));
    }
}
