using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Testing;

namespace Fleethold.Scenarios.History;

/// <summary>Random concurrent clients and watches against a state; the recorded history must be one that the contract allows.</summary>
public abstract class HistoryTests
{
    private const int Clients = 8;
    private const int CallsEach = 400;

    private static readonly ResourceQuery Even = ResourceQuery.By(LabelQuery.Equal("parity", "even"));

    protected abstract Task<IState> Open();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_interleaving_of_clients_is_linearizable_and_every_watch_sees_all_of_it(int seed)
    {
        var state = await Open();
        var kind = Kinds.Clusters.Ref;
        var all = await new WatchRecorder(state, kind, ResourceQuery.All).Begin();
        var broken = await new WatchRecorder(state, kind, ResourceQuery.All).Begin();
        var even = await new WatchRecorder(state, kind, Even).Begin();
        var readers = new[]
        {
            all.ReadUntil(IsLast, int.MaxValue),
            broken.ReadUntil(IsLast, stride: 13),
            even.ReadUntil(IsLast, stride: 29),
        };

        var recorder = new Recorder(state, seed);
        await recorder.Run(Clients, CallsEach, ids: 6);
        await End(state);
        await Deadline.Within(Task.WhenAll(readers));

        var model = new Model([.. all.Seen.SkipLast(1)]);
        Assert.True(model.Last > 100, "the clients hardly changed anything");
        AssertNothingWrong(Checker.CheckEvents(model));
        AssertNothingWrong(Checker.CheckOperations(model, recorder.Operations));
        AssertNothingWrong(Checker.CheckWatch(model, 0, [.. broken.Seen.SkipLast(1)]));
        AssertNothingWrong(Checker.CheckWatch(Filtered(model), 0, [.. even.Seen.SkipLast(1)]));
    }

    private static void AssertNothingWrong(IReadOnlyList<string> wrong) => Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));

    /// <summary>The last change, which tells the watches that there is nothing more to come; it matches the query too.</summary>
    private static async Task End(IState state)
    {
        var last = Kinds.Clusters.New("the-end");
        Assert.Null((await state.Create(last.With(last.Metadata.WithLabel("parity", "even")))).Fault);
    }

    private static bool IsLast(StateEvent one) => one.Resource.Metadata.Id == "the-end";

    /// <summary>What a watch with the query must see of a history: the rules of reference/resources.md 2.7, point 8, written once more.</summary>
    private static Model Filtered(Model model)
    {
        var seen = new List<StateEvent>();
        foreach (var one in model.Events)
        {
            var was = one.Old is not null ? Even.Matches(one.Old.Metadata) : one.Type == EventType.Destroyed && Even.Matches(one.Resource.Metadata);
            var matches = one.Type != EventType.Destroyed && Even.Matches(one.Resource.Metadata);
            if (was || matches)
            {
                var type = (was, matches) switch { (false, _) => EventType.Created, (_, false) => EventType.Destroyed, _ => EventType.Updated };
                seen.Add(one with { Type = type });
            }
        }

        return new Model(seen);
    }
}

public sealed class MemoryHistoryTests : HistoryTests
{
    protected override Task<IState> Open() => Task.FromResult<IState>(ResourceState.InMemory(TimeProvider.System));
}
