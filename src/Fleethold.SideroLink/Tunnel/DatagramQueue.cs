using System.Buffers;
using System.Threading.Channels;

namespace Fleethold.SideroLink.Tunnel;

/// <summary>Datagrams on their way to one machine: a hundred at most, the oldest give way (reference/siderolink.md 5). Any number of threads put, one takes at a time.</summary>
public sealed class DatagramQueue
{
    /// <summary>How many datagrams wait at most.</summary>
    public const int Capacity = 100;

    private readonly Channel<Datagram> _waiting = Channel.CreateBounded<Datagram>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, AllowSynchronousContinuations = false },
        static dropped => dropped.Dispose());

    /// <summary>Takes a copy of a datagram. Never waits.</summary>
    public void Put(ReadOnlySpan<byte> bytes)
    {
        var datagram = Datagram.CopyOf(bytes);
        if (!_waiting.Writer.TryWrite(datagram))
        {
            datagram.Dispose();
        }
    }

    /// <summary>The next datagram, which the caller disposes of.</summary>
    public bool TryTake(out Datagram datagram) => _waiting.Reader.TryRead(out datagram);

    /// <summary>Waits for a datagram; false when there will be none.</summary>
    public ValueTask<bool> Wait(CancellationToken cancellation) => _waiting.Reader.WaitToReadAsync(cancellation);

    /// <summary>Takes nothing more and forgets what waits.</summary>
    internal void Close()
    {
        _waiting.Writer.TryComplete();
        while (TryTake(out var datagram))
        {
            datagram.Dispose();
        }
    }
}

/// <summary>One datagram in a buffer of the pool, which goes back when it is disposed of, once.</summary>
public readonly struct Datagram : IDisposable
{
    private readonly byte[] _buffer;
    private readonly int _length;

    private Datagram(byte[] buffer, int length) => (_buffer, _length) = (buffer, length);

    /// <summary>Its bytes, until it is disposed of.</summary>
    public Memory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>A datagram of its own with the same bytes.</summary>
    public static Datagram CopyOf(ReadOnlySpan<byte> bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        return new Datagram(buffer, bytes.Length);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}
