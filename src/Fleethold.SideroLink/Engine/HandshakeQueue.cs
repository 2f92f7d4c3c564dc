using System.Runtime.CompilerServices;

namespace Fleethold.SideroLink.Engine;

/// <summary>
/// Handshake messages that wait for a thread of their own, so that a storm of them never delays data. Bounded; the newest leaves first, those of
/// known sources before strangers; what waited more than 5 s is dropped, for by then its sender has sent another (so there is no need to look for
/// older ones of the same sender). Thread-safe.
/// </summary>
public sealed class HandshakeQueue
{
    private const long Worthless = 5_000;
    private const int Longest = Wire.InitiationMessage.Length;

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _ready = new();
    private readonly CoreCounters _counters;
    private readonly int _capacity;
    private readonly Stack _known = new();
    private readonly Stack _strangers = new();
    private int _count;

    internal HandshakeQueue(int capacity, CoreCounters counters)
    {
        _capacity = capacity;
        _counters = counters;
    }

    /// <summary>Messages waiting.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Blocks until a message waits, the time is over, or <see cref="Wake"/> is called; true when a message waits.</summary>
    public bool Wait(TimeSpan timeout)
    {
        if (Count == 0 && _ready.Wait(timeout) && Count == 0)
        {
            _ready.Reset();
        }

        return Count > 0;
    }

    /// <summary>Ends a wait that is under way, or the next one, for stopping the thread.</summary>
    public void Wake() => _ready.Set();

    internal void Add(ReadOnlySpan<byte> message, in PeerEndpoint from, bool known, long now)
    {
        lock (_gate)
        {
            if (_count == _capacity)
            {
                (_strangers.Count > 0 ? _strangers : _known).DropOldest();
                _count--;
                _counters.Drop(DropReason.QueueFull);
            }

            ref var entry = ref (known ? _known : _strangers).Push();
            message.CopyTo(entry.Bytes);
            entry.Length = message.Length;
            entry.From = from;
            entry.At = now;
            _count++;
            if (!_ready.IsSet)
            {
                _ready.Set();
            }
        }
    }

    internal bool TryTake(Span<byte> message, out int length, out PeerEndpoint from, long now)
    {
        lock (_gate)
        {
            while (_count > 0)
            {
                ref var entry = ref (_known.Count > 0 ? _known : _strangers).Pop();
                if (--_count == 0)
                {
                    _ready.Reset();
                }

                if (now - entry.At > Worthless)
                {
                    _counters.Drop(DropReason.TooOld);
                    continue;
                }

                length = entry.Length;
                from = entry.From;
                ((ReadOnlySpan<byte>)entry.Bytes)[..length].CopyTo(message);
                return true;
            }

            length = 0;
            from = default;
            return false;
        }
    }

    [InlineArray(Longest)]
    private struct Bytes
    {
        private byte _first;
    }

    private struct Entry
    {
        public Bytes Bytes;
        public int Length;
        public PeerEndpoint From;
        public long At;
    }

    /// <summary>A stack whose oldest entry can be dropped: a ring that grows.</summary>
    private sealed class Stack
    {
        private Entry[] _ring = new Entry[16];
        private int _bottom;

        public int Count { get; private set; }

        public ref Entry Push()
        {
            if (Count == _ring.Length)
            {
                var grown = new Entry[Count * 2];
                _ring.AsSpan(_bottom).CopyTo(grown);
                _ring.AsSpan(0, _bottom).CopyTo(grown.AsSpan(Count - _bottom));
                _ring = grown;
                _bottom = 0;
            }

            return ref _ring[(_bottom + Count++) & (_ring.Length - 1)];
        }

        public ref Entry Pop() => ref _ring[(_bottom + --Count) & (_ring.Length - 1)];

        public void DropOldest()
        {
            _bottom = (_bottom + 1) & (_ring.Length - 1);
            Count--;
        }
    }
}
