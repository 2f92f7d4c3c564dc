using Fleethold.Resources;
using Fleethold.Runtime;

namespace Fleethold.Scenarios.History;

/// <summary>
/// What the whole kind looked like after each of its events: the order that all clients and watches must agree with.
/// Prefix 0 is the empty kind, prefix n the one after the n-th event.
/// </summary>
internal sealed class Model
{
    private readonly Dictionary<string, List<(int From, Resource? State)>> _timelines = new(StringComparer.Ordinal);

    public Model(IReadOnlyList<StateEvent> events)
    {
        Events = events;
        for (var index = 0; index < events.Count; index++)
        {
            var one = events[index];
            var state = one.Type == EventType.Destroyed ? null : one.Resource;
            Timeline(one.Resource.Metadata.Id).Add((index + 1, state));
        }
    }

    public IReadOnlyList<StateEvent> Events { get; }

    public int Last => Events.Count;

    /// <summary>Every id that an event was about.</summary>
    public IEnumerable<string> Ids => Events.Select(one => one.Resource.Metadata.Id).Distinct(StringComparer.Ordinal);

    /// <summary>The resource after a prefix; null when it wasn't there.</summary>
    public Resource? At(string id, int prefix) => Timeline(id).FindLast(step => step.From <= prefix).State;

    /// <summary>The first prefix at or after <paramref name="from"/> at which a resource meets a condition; null when there is none.</summary>
    public int? FirstAt(string id, int from, Func<Resource?, bool> condition)
    {
        var timeline = Timeline(id);
        for (var index = 0; index < timeline.Count; index++)
        {
            var until = index + 1 < timeline.Count ? timeline[index + 1].From : Last + 1;
            if (until > from && condition(timeline[index].State))
            {
                return Math.Max(from, timeline[index].From);
            }
        }

        return null;
    }

    /// <summary>The first prefix at or after <paramref name="from"/> at which the whole kind is exactly this; null when there is none.</summary>
    public int? FirstWith(IReadOnlyList<Resource> listed, int from)
    {
        var wanted = listed.ToDictionary(resource => resource.Metadata.Id, resource => resource, StringComparer.Ordinal);
        var different = _timelines.Keys.Union(wanted.Keys).Count(id => !Same(At(id, from), wanted.GetValueOrDefault(id)));
        for (var prefix = from; ; prefix++)
        {
            if (different == 0)
            {
                return prefix;
            }

            if (prefix == Last)
            {
                return null;
            }

            var id = Events[prefix].Resource.Metadata.Id;
            different += (Same(At(id, prefix), wanted.GetValueOrDefault(id)) ? 1 : 0) - (Same(At(id, prefix + 1), wanted.GetValueOrDefault(id)) ? 1 : 0);
        }
    }

    public static bool Same(Resource? left, Resource? right) => left is null ? right is null : right is not null && left.SameAs(right);

    private List<(int From, Resource? State)> Timeline(string id)
    {
        if (!_timelines.TryGetValue(id, out var timeline))
        {
            _timelines.Add(id, timeline = [(0, null)]);
        }

        return timeline;
    }
}
