namespace Fleethold.Storage.Sqlite;

/// <summary>Which rows of the log still count. Changes are staged with a transaction and hold once it is committed.</summary>
internal sealed class LiveRows
{
    /// <summary>At least so many destroys are remembered; a tenth more before old ones are forgotten.</summary>
    public const int RememberedDestroys = 10_000;

    private readonly Dictionary<UInt128, long> _positions = [];
    private readonly Queue<long> _tombstones = new();
    private readonly List<(UInt128 Key, long Position)> _staged = [];
    private readonly List<long> _stagedTombstones = [];

    /// <summary>The number of rows that must stay.</summary>
    public int Count => _positions.Count + _tombstones.Count;

    /// <summary>Destroys at or below this revision are forgotten.</summary>
    public long Horizon { get; set; }

    public bool IsLive(UInt128 key, long position) => _positions.TryGetValue(key, out var newest) && newest == position;

    public void Set(UInt128 key, long position) => _positions[key] = position;

    public void Remove(UInt128 key) => _positions.Remove(key);

    public void AddTombstone(long revision) => _tombstones.Enqueue(revision);

    public void StageSet(UInt128 key, long position) => _staged.Add((key, position));

    public void StageRemove(UInt128 key) => _staged.Add((key, 0));

    public void StageTombstone(long revision) => _stagedTombstones.Add(revision);

    public void Apply()
    {
        foreach (var (key, position) in _staged)
        {
            if (position == 0)
            {
                _positions.Remove(key);
            }
            else
            {
                _positions[key] = position;
            }
        }

        foreach (var revision in _stagedTombstones)
        {
            _tombstones.Enqueue(revision);
        }

        Discard();
        if (_tombstones.Count > RememberedDestroys + RememberedDestroys / 10)
        {
            while (_tombstones.Count > RememberedDestroys)
            {
                Horizon = _tombstones.Dequeue();
            }
        }
    }

    public void Discard()
    {
        _staged.Clear();
        _stagedTombstones.Clear();
    }
}
