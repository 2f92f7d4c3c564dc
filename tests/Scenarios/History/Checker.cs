using Fleethold.Resources;
using Fleethold.Runtime;

namespace Fleethold.Scenarios.History;

/// <summary>
/// Decides whether a recorded history is one that the contract of the state allows: writes are linearizable and each has exactly one event,
/// reads and refusals fit a moment between their beginning and their end, watches see every event once and in order.
/// </summary>
internal static class Checker
{
    /// <summary>
    /// Looks for a moment for every call. Calls are taken in the order in which they began and get the earliest moment that fits:
    /// moments only push later calls forward, so if the earliest doesn't work out, none does.
    /// </summary>
    /// <returns>What is wrong, in words; empty when all is well.</returns>
    public static IReadOnlyList<string> CheckOperations(Model model, IReadOnlyList<Operation> operations)
    {
        var wrong = new List<string>();
        var unclaimed = Enumerable.Range(1, model.Last).ToHashSet();
        var ended = new PriorityQueue<int, long>();
        var earliest = 0;
        foreach (var operation in operations.OrderBy(one => one.Invoked))
        {
            while (ended.TryPeek(out var moment, out var returned) && returned < operation.Invoked)
            {
                earliest = Math.Max(earliest, moment);
                ended.Dequeue();
            }

            if (MomentOf(model, operation, earliest, unclaimed) is { } found)
            {
                ended.Enqueue(found, operation.Returned);
            }
            else
            {
                wrong.Add($"no moment at or after event {earliest} fits {operation}");
            }
        }

        foreach (var index in unclaimed)
        {
            wrong.Add($"nobody made event {index}: {Show(model.Events[index - 1])}");
        }

        return wrong;
    }

    /// <summary>Checks the events of one kind for themselves: versions go up one by one, nothing is created twice or destroyed when it isn't there.</summary>
    public static IReadOnlyList<string> CheckEvents(Model model)
    {
        var wrong = new List<string>();
        for (var index = 0; index < model.Last; index++)
        {
            var one = model.Events[index];
            var before = model.At(one.Resource.Metadata.Id, index);
            var fits = one.Type switch
            {
                EventType.Created => before is null && one.Resource.Metadata.Version.Value == 1,
                EventType.Updated => before is not null && one.Old is not null && Model.Same(before, one.Old)
                    && one.Resource.Metadata.Version == before.Metadata.Version.Next()
                    && one.Resource.Metadata.Created == before.Metadata.Created,
                EventType.Destroyed => before is not null && Model.Same(before, one.Resource),
                _ => false,
            };
            if (!fits)
            {
                wrong.Add($"event {index + 1} doesn't follow from what was there ({before?.ToString() ?? "nothing"}): {Show(one)}");
            }
        }

        return wrong;
    }

    /// <summary>Checks that a watch saw exactly the events from one index on, in order: no gap, no duplicate.</summary>
    /// <param name="model">The order of events.</param>
    /// <param name="from">Index of the first event that the watch must have seen.</param>
    /// <param name="seen">What it saw.</param>
    public static IReadOnlyList<string> CheckWatch(Model model, int from, IReadOnlyList<StateEvent> seen)
    {
        var wrong = new List<string>();
        for (var index = 0; index < Math.Max(seen.Count, model.Last - from); index++)
        {
            var expected = from + index < model.Last ? Show(model.Events[from + index]) : "nothing";
            var actual = index < seen.Count ? Show(seen[index]) : "nothing";
            if (expected != actual)
            {
                wrong.Add($"the watch saw {actual} where event {from + index + 1} is {expected}");
                break;
            }
        }

        return wrong;
    }

    /// <summary>
    /// Checks a watch that went on from an old bookmark after a restart: what happened before the restart may be collapsed into the last state of each
    /// resource, but every step must be possible from what the watch knows, and what happened later must come whole.
    /// </summary>
    /// <param name="model">The order of events.</param>
    /// <param name="from">How many events the watch had seen when it stopped.</param>
    /// <param name="restartedAt">How many events there were when the server restarted.</param>
    /// <param name="seen">What the watch saw after the restart.</param>
    public static IReadOnlyList<string> CheckResumed(Model model, int from, int restartedAt, IReadOnlyList<StateEvent> seen)
    {
        var later = model.Last - restartedAt;
        if (seen.Count < later)
        {
            return [$"the watch saw {seen.Count} events, but {later} happened after the restart"];
        }

        var collapsed = seen.SkipLast(later).ToList();
        var wrong = new List<string>();
        var known = model.Ids.ToDictionary(id => id, id => model.At(id, from), StringComparer.Ordinal);
        foreach (var one in collapsed)
        {
            var id = one.Resource.Metadata.Id;
            if ((one.Type == EventType.Created) != (known[id] is null) || Model.Same(known[id], one.Type == EventType.Destroyed ? null : one.Resource))
            {
                wrong.Add($"{Show(one)} can't follow {known[id]?.ToString() ?? "nothing"}");
            }

            known[id] = one.Type == EventType.Destroyed ? null : one.Resource;
        }

        wrong.AddRange(known.Where(pair => !Model.Same(pair.Value, model.At(pair.Key, restartedAt)))
            .Select(pair => $"the watch believes in {pair.Value?.ToString() ?? "nothing"} where there is {model.At(pair.Key, restartedAt)?.ToString() ?? "nothing"}"));
        wrong.AddRange(CheckWatch(model, restartedAt, [.. seen.TakeLast(later)]));
        return wrong;
    }

    public static string Show(StateEvent one) => $"{one.Type} {one.Resource.Metadata}";

    private static int? MomentOf(Model model, Operation operation, int earliest, HashSet<int> unclaimed)
    {
        if (operation.Listed is { } listed)
        {
            return model.FirstWith(listed, earliest);
        }

        if (operation.IsWrite)
        {
            return EventOf(model, operation, earliest, unclaimed);
        }

        return model.FirstAt(operation.Id, earliest, state => operation.Fault switch
        {
            null => Model.Same(state, operation.Result),
            Fault.NotFound => state is null,
            Fault.AlreadyExists => state is not null,
            Fault.VersionConflict conflict => state is not null && state.Metadata.Version == conflict.Actual,
            Fault.PhaseConflict => state is not null && state.Metadata.Phase == Phase.TearingDown,
            Fault.PendingFinalizers conflict => state is not null && state.Metadata.Equals(conflict.Metadata),
            Fault.OwnerConflict conflict => state is not null && state.Metadata.Owner == conflict.Owner,
            _ => false,
        });
    }

    private static int? EventOf(Model model, Operation operation, int earliest, HashSet<int> unclaimed)
    {
        for (var index = Math.Max(earliest, 0); index < model.Last; index++)
        {
            var one = model.Events[index];
            if (one.Resource.Metadata.Id == operation.Id
                && VerbOf(one) == operation.Verb
                && Model.Same(one.Resource, operation.Result)
                && unclaimed.Remove(index + 1))
            {
                return index + 1;
            }
        }

        // A teardown of what is torn down already answers with the present state and makes no event.
        return operation.Verb == Verb.Teardown
            ? model.FirstAt(operation.Id, earliest, state => Model.Same(state, operation.Result))
            : null;
    }

    /// <summary>What made an event. Every update of the clients brings a content of its own, a teardown keeps the content.</summary>
    private static Verb VerbOf(StateEvent one) => one.Type switch
    {
        EventType.Created => Verb.Create,
        EventType.Destroyed => Verb.Destroy,
        _ => one.Old?.SameSpecAs(one.Resource) == true ? Verb.Teardown : Verb.Update,
    };
}
