using System.Collections.Concurrent;
using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;

namespace Fleethold.Scenarios.History;

/// <summary>
/// Lets clients do random things to a few resources of one kind, all at once, and records every call. The same seed makes the same choices,
/// but not the same interleaving.
/// </summary>
internal sealed class Recorder(IState state, int seed)
{
    private static readonly KindRef Kind = Kinds.Clusters.Ref;
    private readonly ConcurrentQueue<Operation> _operations = new();
    private long _clock;
    private int _content;

    public IReadOnlyList<Operation> Operations => [.. _operations];

    /// <summary>Runs so many clients, each of so many calls.</summary>
    public Task Run(int clients, int callsEach, int ids) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => RunClient(new Random(seed * 1000 + client), callsEach, ids))));

    private async Task RunClient(Random random, int calls, int ids)
    {
        // What the client read last of each id: updates are made from it, however old it is by then.
        var known = new Dictionary<string, Resource>(StringComparer.Ordinal);
        for (var call = 0; call < calls; call++)
        {
            var id = $"c{random.Next(ids)}";
            switch (random.Next(12))
            {
                case < 3:
                    Learn(known, await Record(Verb.Get, id, () => state.Get(Kind.Named(id))));
                    break;
                case < 4:
                    await RecordList();
                    break;
                case < 6:
                    Learn(known, await Record(Verb.Create, id, () => state.Create(Kinds.Clusters.New(id, Content()))));
                    break;
                case < 10 when known.TryGetValue(id, out var base_):
                    var changed = Change(random, (Resource<ClusterSpec>)base_);
                    Learn(known, await Record(Verb.Update, id, () => state.Update(changed, expectedPhase: random.Next(3) == 0 ? null : Phase.Running)));
                    break;
                case < 11:
                    Learn(known, await Record(Verb.Teardown, id, () => state.Teardown(Kind.Named(id))));
                    break;
                default:
                    await Record(Verb.Destroy, id, () => state.Destroy(Kind.Named(id)));
                    break;
            }
        }
    }

    private Resource<ClusterSpec> Change(Random random, Resource<ClusterSpec> resource)
    {
        var metadata = random.Next(4) switch
        {
            0 => resource.Metadata.WithFinalizer("someone"),
            1 => resource.Metadata.WithoutFinalizer("someone"),
            _ => resource.Metadata.WithLabel("parity", random.Next(2) == 0 ? "even" : "odd"),
        };
        return new Resource<ClusterSpec>(metadata, Content());
    }

    /// <summary>A spec that no other write has: what a read shows tells which write it saw.</summary>
    private ClusterSpec Content() => new() { TalosVersion = $"v{Interlocked.Increment(ref _content)}" };

    private async Task<Resource?> Record(Verb verb, string id, Func<ValueTask<Outcome<Resource>>> call)
    {
        var invoked = Interlocked.Increment(ref _clock);
        var outcome = await call();
        var returned = Interlocked.Increment(ref _clock);
        _ = outcome.Succeeded(out var result, out var fault);
        _operations.Enqueue(new Operation(verb, id, invoked, returned, result, null, fault));
        return result;
    }

    private async Task RecordList()
    {
        var invoked = Interlocked.Increment(ref _clock);
        var outcome = await state.List(Kind, ResourceQuery.All);
        var returned = Interlocked.Increment(ref _clock);
        _operations.Enqueue(new Operation(Verb.List, "", invoked, returned, null, outcome.Value, null));
    }

    private static void Learn(Dictionary<string, Resource> known, Resource? seen)
    {
        if (seen is not null)
        {
            known[seen.Metadata.Id] = seen;
        }
    }
}
