using Fleethold.Resources;
using Fleethold.Resources.Queries;

namespace Fleethold.Runtime.States;

/// <summary>
/// The slots of a collection in the order of their ids. Changes are only noted; the next reader merges them in, which costs it no more
/// than the copy that it makes anyway.
/// </summary>
internal sealed class OrderedSlots
{
    private static readonly Comparer<Slot> ById = Comparer<Slot>.Create(static (left, right) => CodePointOrder.Compare(left.Id, right.Id));

    private readonly List<Slot> _changed = [];
    private Slot[] _slots = [];

    /// <summary>Notes that a slot got its first content, or lost its content.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="count">How many slots have content now.</param>
    public void Changed(Slot slot, int count)
    {
        _changed.Add(slot);
        if (_changed.Count > 1024 + count)
        {
            // Nobody reads, but the notes must not outgrow what they are about.
            Merge(count);
        }
    }

    /// <summary>The committed resources in order.</summary>
    /// <param name="count">How many there are.</param>
    public Resource[] Read(int count)
    {
        if (_changed.Count > 0)
        {
            Merge(count);
        }

        var resources = new Resource[count];
        for (var index = 0; index < resources.Length; index++)
        {
            resources[index] = _slots[index].Committed!;
        }

        return resources;
    }

    private void Merge(int count)
    {
        // A slot may have come and gone several times, and an id may have got a new slot: what counts is who has content now.
        var changed = new HashSet<Slot>(_changed);
        var added = changed.Where(slot => slot.Committed is not null).ToArray();
        Array.Sort(added, ById);
        var merged = new Slot[count];
        var (next, position) = (0, 0);
        foreach (var slot in _slots)
        {
            if (changed.Contains(slot))
            {
                continue;
            }

            while (next < added.Length && ById.Compare(added[next], slot) < 0)
            {
                merged[position++] = added[next++];
            }

            merged[position++] = slot;
        }

        added.AsSpan(next).CopyTo(merged.AsSpan(position));
        _slots = merged;
        _changed.Clear();
    }
}
