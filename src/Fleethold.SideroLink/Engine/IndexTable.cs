namespace Fleethold.SideroLink.Engine;

/// <summary>What a message can be addressed to by index: a session, or an initiation that waits for its response.</summary>
internal abstract class Indexed(Peer peer)
{
    /// <summary>The index under which it receives; 0 when it has none (any more).</summary>
    public uint Index;

    /// <summary>Whose it is.</summary>
    public Peer Peer => peer;
}

/// <summary>
/// Index to session or handshake: a slot in the low 18 bits, a random tag above, which makes an index of the past unlikely to be one of the present.
/// Read without lock. Thread-safe.
/// </summary>
internal sealed class IndexTable
{
    private const int SlotBits = 18;
    private const int ChunkBits = 10;
    private const int Chunk = 1 << ChunkBits;
    private const int Capacity = 1 << SlotBits;

    // A slot rests until this many others are free, so that late packets of a dead session find nothing.
    private const int Resting = 256;

    private readonly Lock _gate = new();
    private readonly Indexed?[]?[] _chunks = new Indexed?[]?[Capacity / Chunk];
    private readonly Queue<int> _free = new();
    private readonly Random _tags;
    private int _used = 1;

    public IndexTable(Random tags)
    {
        _tags = tags;
    }

    /// <summary>Indices in use.</summary>
    public int Count { get; private set; }

    /// <summary>What receives under this index, null when nothing does.</summary>
    public Indexed? Find(uint index)
    {
        var slot = (int)(index & (Capacity - 1));
        var chunk = Volatile.Read(ref _chunks[slot >> ChunkBits]);
        var found = chunk is null ? null : Volatile.Read(ref chunk[slot & (Chunk - 1)]);
        return found is not null && found.Index == index ? found : null;
    }

    /// <summary>Gives it an index; false when all are taken.</summary>
    public bool TryAdd(Indexed entry)
    {
        lock (_gate)
        {
            int slot;
            if (_free.Count > Resting || (_used == Capacity && _free.Count > 0))
            {
                slot = _free.Dequeue();
            }
            else if (_used < Capacity)
            {
                slot = _used++;
            }
            else
            {
                return false;
            }

            Count++;
            ref var chunk = ref _chunks[slot >> ChunkBits];
            if (chunk is null)
            {
                Volatile.Write(ref chunk, new Indexed?[Chunk]);
            }

            entry.Index = ((uint)_tags.Next(1 << (32 - SlotBits)) << SlotBits) | (uint)slot;
            Volatile.Write(ref chunk![slot & (Chunk - 1)], entry);
            return true;
        }
    }

    /// <summary>The new entry takes over the index of the old one.</summary>
    public void Replace(Indexed old, Indexed entry)
    {
        lock (_gate)
        {
            var slot = (int)(old.Index & (Capacity - 1));
            entry.Index = old.Index;
            Volatile.Write(ref _chunks[slot >> ChunkBits]![slot & (Chunk - 1)], entry);
            old.Index = 0;
        }
    }

    /// <summary>Frees its index; nothing when it has none.</summary>
    public void Remove(Indexed entry)
    {
        lock (_gate)
        {
            if (entry.Index == 0)
            {
                return;
            }

            var slot = (int)(entry.Index & (Capacity - 1));
            Volatile.Write(ref _chunks[slot >> ChunkBits]![slot & (Chunk - 1)], null);
            entry.Index = 0;
            _free.Enqueue(slot);
            Count--;
        }
    }
}
