using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime.States;

namespace Fleethold.Runtime.Tests.States;

public class ListingTests
{
    private static readonly KindRef Kind = Kinds.Clusters.Ref;

    /// <summary>The label index and the order of ids are shortcuts: whatever happened, they must give what a plain look at everything gives.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_list_gives_what_a_plain_filter_gives_whatever_happened_before(int seed)
    {
        var random = new Random(seed);
        await using var state = ResourceState.InMemory(TimeProvider.System);
        var model = new SortedDictionary<string, Resource>(StringComparer.Ordinal);
        for (var step = 0; step < 3000; step++)
        {
            await ChangeSomething(random, state, model);
            if (step % 10 == 0)
            {
                var query = SomeQuery(random);
                var listed = (await state.List(Kind, query)).Value;
                Assert.Equal(model.Values.Where(one => query.Matches(one.Metadata)).Select(one => one.ToString()), listed.Select(one => one.ToString()));
            }
        }

        Assert.True(model.Count > 64, "too few resources for the index to matter");
    }

    private static async Task ChangeSomething(Random random, ResourceState state, SortedDictionary<string, Resource> model)
    {
        var id = $"c{random.Next(200)}";
        if (!model.TryGetValue(id, out var present))
        {
            var fresh = Kinds.Clusters.New(id);
            model[id] = (await state.Create(fresh.With(SomeLabels(random, fresh.Metadata)))).Value;
        }
        else if (random.Next(4) == 0)
        {
            _ = (await state.Destroy(Kind.Named(id))).Value;
            model.Remove(id);
        }
        else
        {
            model[id] = (await state.Update(present.With(SomeLabels(random, present.Metadata)))).Value;
        }
    }

    private static Metadata SomeLabels(Random random, Metadata metadata)
    {
        var labels = Enumerable.Range(0, 3).Where(_ => random.Next(2) == 0)
            .Select(n => KeyValuePair.Create($"k{n}", $"v{random.Next(4)}"));
        return metadata with { Labels = StringMap.From(labels) };
    }

    private static ResourceQuery SomeQuery(Random random) =>
        new([.. Enumerable.Range(0, random.Next(3)).Select(_ => new LabelQuery([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => SomeTerm(random))]))]);

    private static LabelTerm SomeTerm(Random random)
    {
        var key = $"k{random.Next(4)}";
        return random.Next(4) switch
        {
            0 => new LabelTerm(key, LabelOperator.Exists, [], random.Next(2) == 0),
            1 => new LabelTerm(key, LabelOperator.In, [$"v{random.Next(4)}", $"v{random.Next(4)}"], random.Next(2) == 0),
            _ => new LabelTerm(key, LabelOperator.Equal, [$"v{random.Next(5)}"], random.Next(3) == 0),
        };
    }
}
