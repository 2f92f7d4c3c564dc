using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Storage;
using Fleethold.Testing;

namespace Fleethold.Scenarios.History;

/// <summary>The same histories on the embedded store, and watches that go on after a restart of the server.</summary>
public sealed class StoredHistoryTests : HistoryTests, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ResourceState? _state;

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_watch_that_goes_on_after_a_restart_ends_where_a_watch_without_break_ends(int seed)
    {
        var kind = Kinds.Clusters.Ref;
        var state = await Open();
        var whole = await new WatchRecorder(state, kind, ResourceQuery.All).Begin();
        var first = new Recorder(state, seed);
        await first.Run(clients: 8, callsEach: 100, ids: 6);
        await Mark(state, "middle");
        await Deadline.Within(whole.ReadUntil(Sees("middle"), int.MaxValue));
        var stopped = whole.Seen.Count / 2;
        var bookmark = whole.Seen[stopped - 1].Bookmark;

        state = await Restart();
        var late = new WatchRecorder(state, kind, ResourceQuery.All) { Bookmark = bookmark };
        var unbroken = new WatchRecorder(state, kind, ResourceQuery.All) { Bookmark = whole.Bookmark };
        var readers = new[] { late.ReadUntil(Sees("end"), int.MaxValue), unbroken.ReadUntil(Sees("end"), int.MaxValue) };
        var second = new Recorder(state, seed + 100);
        await second.Run(clients: 8, callsEach: 100, ids: 6);
        await Mark(state, "end");
        await Deadline.Within(Task.WhenAll(readers));

        var model = new Model([.. whole.Seen, .. unbroken.Seen]);
        Assert.Equal([], Checker.CheckEvents(model));
        Assert.Equal([], Checker.CheckResumed(model, from: stopped, restartedAt: whole.Seen.Count, late.Seen));
    }

    public async ValueTask DisposeAsync()
    {
        if (_state is not null)
        {
            await _state.DisposeAsync();
        }

        _folder.Dispose();
    }

    protected override async Task<IState> Open()
    {
        var store = await FleetholdStore.Open(new StorageOptions { DataDirectory = _folder.PathOf("data") }, TimeProvider.System, Deadline.Token);
        return _state = await ResourceState.Open(store.Log, TimeProvider.System, Deadline.Token);
    }

    private async Task<IState> Restart()
    {
        await _state!.DisposeAsync();
        return await Open();
    }

    private static async Task Mark(IState state, string id) => Assert.Null((await state.Create(Kinds.Clusters.New(id))).Fault);

    private static Func<StateEvent, bool> Sees(string id) => one => one.Resource.Metadata.Id == id;
}
