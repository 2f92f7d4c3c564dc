namespace Fleethold.SideroLink.Engine;

/// <summary>
/// Which counters of a session were seen: the last 8128 and no older ones (RFC 6479, reference/wireguard.md 1.7). Its ring starts with two words
/// and grows only while there are gaps: a word that is full needs no place, for nothing in it can be accepted again. Not thread-safe.
/// </summary>
internal sealed class ReplayWindow
{
    /// <summary>How far behind the greatest counter one may be.</summary>
    public const ulong Width = 8128;

    /// <summary>Counters from here on are never used: 2^64 - 2^13 - 1.</summary>
    public const ulong Limit = ulong.MaxValue - (1UL << 13);

    private const int Most = 128;
    private ulong[] _ring = new ulong[2];
    private ulong _last;

    /// <summary>The greatest counter accepted.</summary>
    public ulong Last => _last;

    /// <summary>Words held, of 8 bytes.</summary>
    public int Words => _ring.Length;

    /// <summary>Whether a counter is new and inside the window; from then on it isn't new any more.</summary>
    public bool TryAccept(ulong counter)
    {
        if (counter >= Limit)
        {
            return false;
        }

        var word = counter / 64;
        var lastWord = _last / 64;
        if (counter > _last)
        {
            Advance(lastWord, word);
            _last = counter;
        }
        else if (_last - counter > Width || lastWord - word >= (ulong)_ring.Length)
        {
            // Too old, or in a word that was full when it was given up.
            return false;
        }

        ref var bits = ref _ring[(int)(word & (ulong)(_ring.Length - 1))];
        var bit = 1UL << (int)(counter & 63);
        if ((bits & bit) != 0)
        {
            return false;
        }

        bits |= bit;
        return true;
    }

    private void Advance(ulong from, ulong to)
    {
        for (var word = from + 1; word <= to; word++)
        {
            var oldest = word - (ulong)_ring.Length;
            if (word >= (ulong)_ring.Length && to - oldest < Most && _ring[(int)(oldest & (ulong)(_ring.Length - 1))] != ulong.MaxValue)
            {
                Grow(word - 1);
            }

            _ring[(int)(word & (ulong)(_ring.Length - 1))] = 0;
            if (to - word > Most)
            {
                // All words between would be cleared again.
                word = to - Most;
            }
        }
    }

    private void Grow(ulong newest)
    {
        var old = _ring;
        _ring = new ulong[old.Length * 2];

        // What isn't in the old ring was full, or is from before the first counter.
        Array.Fill(_ring, ulong.MaxValue);
        for (var i = 0UL; i < (ulong)old.Length && i <= newest; i++)
        {
            var word = newest - i;
            _ring[(int)(word & (ulong)(_ring.Length - 1))] = old[(int)(word & (ulong)(old.Length - 1))];
        }
    }
}
