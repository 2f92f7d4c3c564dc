using System.Numerics;

namespace Fleethold.SideroLink.Engine;

/// <summary>
/// One hashed timer wheel for all peers, each in it at most once, at its earliest deadline or before. Deadlines themselves are fields of the peer;
/// when its turn comes it looks which are due and enters again. Thread-safe.
/// </summary>
internal sealed class TimerWheel
{
    /// <summary>Milliseconds of a slot.</summary>
    public const long Step = 100;

    private const int Slots = 4096;

    private readonly Lock _gate = new();
    private readonly Peer?[] _slots = new Peer?[Slots];
    private readonly ulong[] _occupied = new ulong[Slots / 64];
    private long _next;
    private int _count;

    public TimerWheel(long now)
    {
        _next = now / Step;
    }

    /// <summary>Peers that wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Brings a peer's turn forward to this time; nothing when it comes before.</summary>
    public void Schedule(Peer peer, long when)
    {
        lock (_gate)
        {
            ref var entry = ref peer.Wheel;
            if (when >= entry.When || peer.Removed)
            {
                return;
            }

            Unlink(peer);

            // The end of the slot in which the deadline lies: never early, at most one step late. Beyond the wheel's horizon: as far as it goes.
            var turn = Math.Clamp((when + Step - 1) / Step, _next, _next + Slots - 1);
            Volatile.Write(ref entry.When, when);
            Link(peer, (int)(turn % Slots));
        }
    }

    /// <summary>Takes a peer out.</summary>
    public void Remove(Peer peer)
    {
        lock (_gate)
        {
            Unlink(peer);
        }
    }

    /// <summary>Takes out one peer whose turn has come; null when there is none (any more).</summary>
    public Peer? Take(long now)
    {
        lock (_gate)
        {
            for (var current = now / Step; _next <= current;)
            {
                if (_count == 0)
                {
                    _next = current;
                    return null;
                }

                if (_slots[_next % Slots] is { } peer)
                {
                    Unlink(peer);
                    return peer;
                }

                if (_next == current)
                {
                    return null;
                }

                _next++;
            }

            return null;
        }
    }

    /// <summary>Milliseconds until somebody's turn comes; null when nobody waits.</summary>
    public long? UntilNext(long now)
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                return null;
            }

            var start = (int)(_next % Slots);
            for (var i = 0; i <= _occupied.Length; i++)
            {
                var word = ((start / 64) + i) % _occupied.Length;
                var bits = _occupied[word];
                if (i == 0)
                {
                    bits &= ulong.MaxValue << (start & 63);
                }

                if (bits != 0)
                {
                    var slot = (word * 64) + BitOperations.TrailingZeroCount(bits);
                    return Math.Max(0, ((_next + ((slot - start + Slots) % Slots)) * Step) - now);
                }
            }

            return null;
        }
    }

    private void Link(Peer peer, int slot)
    {
        ref var entry = ref peer.Wheel;
        entry.Slot = slot;
        entry.After = _slots[slot];
        entry.Before = null;
        if (entry.After is { } after)
        {
            after.Wheel.Before = peer;
        }

        _slots[slot] = peer;
        _occupied[slot / 64] |= 1UL << (slot & 63);
        _count++;
    }

    private void Unlink(Peer peer)
    {
        ref var entry = ref peer.Wheel;
        if (entry.When == long.MaxValue)
        {
            return;
        }

        if (entry.After is { } after)
        {
            after.Wheel.Before = entry.Before;
        }

        if (entry.Before is { } before)
        {
            before.Wheel.After = entry.After;
        }
        else
        {
            _slots[entry.Slot] = entry.After;
            if (entry.After is null)
            {
                _occupied[entry.Slot / 64] &= ~(1UL << (entry.Slot & 63));
            }
        }

        entry.After = entry.Before = null;
        Volatile.Write(ref entry.When, long.MaxValue);
        _count--;
    }
}

/// <summary>A peer's place in the wheel; the wheel's lock guards it, but anybody may read when its turn comes.</summary>
internal struct WheelEntry()
{
    /// <summary>When its turn comes; <see cref="long.MaxValue"/>: it isn't in the wheel.</summary>
    public long When = long.MaxValue;

    public int Slot;
    public Peer? Before;
    public Peer? After;
}
