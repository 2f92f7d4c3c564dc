using Fleethold.Resources;

namespace Fleethold.Runtime.States;

/// <summary>One change as the ring remembers it; <see cref="Event"/> is shared by all watches that see it unfiltered.</summary>
internal readonly record struct RingEntry(long Revision, StateEvent Event)
{
    public Resource Resource => Event.Resource;
}

/// <summary>
/// The last events of one kind, by an index that only grows. It starts small and doubles up to its capacity, then forgets the oldest.
/// </summary>
internal sealed class EventRing(int capacity)
{
    private RingEntry[] _entries = new RingEntry[Math.Min(16, capacity)];

    /// <summary>Index of the oldest event that is still here.</summary>
    public long Start { get; private set; }

    /// <summary>Index that the next event will get.</summary>
    public long End { get; private set; }

    /// <summary>Every event of a higher revision is here.</summary>
    public long BaseRevision { get; set; }

    public int Capacity => capacity;

    public RingEntry this[long index] => _entries[index % _entries.Length];

    public void Add(RingEntry entry)
    {
        if (End - Start == _entries.Length)
        {
            if (_entries.Length < capacity)
            {
                Grow();
            }
            else
            {
                BaseRevision = this[Start].Revision;
                Start++;
            }
        }

        _entries[End % _entries.Length] = entry;
        End++;
    }

    /// <summary>Index of the first event of a higher revision, which must not be below <see cref="BaseRevision"/>.</summary>
    public long IndexAfter(long revision)
    {
        var (low, high) = (Start, End);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            (low, high) = this[middle].Revision <= revision ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Index of the event from which on the ring holds the last so many events of one resource.</summary>
    public long IndexOfLast(int count, string id)
    {
        var index = End;
        for (var found = 0; index > Start && found < count; index--)
        {
            if (this[index - 1].Resource.Metadata.Id == id)
            {
                found++;
            }
        }

        return index;
    }

    private void Grow()
    {
        var larger = new RingEntry[Math.Min(_entries.Length * 2, capacity)];
        for (var index = Start; index < End; index++)
        {
            larger[index % larger.Length] = this[index];
        }

        _entries = larger;
    }
}
