using Fleethold.Resources;
using Fleethold.Resources.Queries;

namespace Fleethold.Runtime.States;

/// <summary>
/// Finds the resources of a kind by label without looking at all of them. A label key is indexed when a query first asks for it;
/// only so many keys are, as the keys come from outside.
/// </summary>
internal sealed class LabelIndex
{
    private const int MaxKeys = 32;

    private readonly Dictionary<string, Dictionary<string, HashSet<Slot>>> _keys = new(StringComparer.Ordinal);

    /// <summary>
    /// Slots among which all matches of a query are, or null when the index can't tell and all must be looked at.
    /// </summary>
    public IReadOnlyCollection<Slot>? Candidates(LabelQuery query, IEnumerable<Slot> all)
    {
        IReadOnlyCollection<Slot>? best = null;
        foreach (var term in query.Terms)
        {
            if (term.Invert || term.Operator is not (LabelOperator.Equal or LabelOperator.In) || !Indexed(term.Key, all))
            {
                continue;
            }

            var found = Lookup(_keys[term.Key], term.Values.AsSpan());
            if (best is null || found.Count < best.Count)
            {
                best = found;
            }
        }

        return best;
    }

    public void Replace(Slot slot, StringMap? before, StringMap? after)
    {
        if (_keys.Count == 0 || ReferenceEquals(before, after))
        {
            return;
        }

        foreach (var (key, values) in _keys)
        {
            var old = before?.GetValueOrDefault(key);
            var now = after?.GetValueOrDefault(key);
            if (old == now)
            {
                continue;
            }

            if (old is not null && values.TryGetValue(old, out var set) && set.Remove(slot) && set.Count == 0)
            {
                values.Remove(old);
            }

            if (now is not null)
            {
                Add(values, now, slot);
            }
        }
    }

    private static IReadOnlyCollection<Slot> Lookup(Dictionary<string, HashSet<Slot>> values, ReadOnlySpan<string> wanted)
    {
        if (wanted.Length == 1)
        {
            return values.TryGetValue(wanted[0], out var only) ? only : [];
        }

        var union = new HashSet<Slot>();
        foreach (var value in wanted)
        {
            if (values.TryGetValue(value, out var some))
            {
                union.UnionWith(some);
            }
        }

        return union;
    }

    private static void Add(Dictionary<string, HashSet<Slot>> values, string value, Slot slot)
    {
        if (!values.TryGetValue(value, out var set))
        {
            values.Add(value, set = []);
        }

        set.Add(slot);
    }

    private bool Indexed(string key, IEnumerable<Slot> all)
    {
        if (_keys.ContainsKey(key))
        {
            return true;
        }

        if (_keys.Count >= MaxKeys)
        {
            return false;
        }

        var values = new Dictionary<string, HashSet<Slot>>(StringComparer.Ordinal);
        foreach (var slot in all)
        {
            if (slot.Committed is { } resource && resource.Metadata.Labels.TryGetValue(key, out var value))
            {
                Add(values, value, slot);
            }
        }

        if (values.Count == 0)
        {
            // Nobody carries the label: don't spend one of the few keys on it.
            return false;
        }

        _keys.Add(key, values);
        return true;
    }
}
