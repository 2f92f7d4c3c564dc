using System.Buffers.Binary;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Sockets;

namespace Fleethold.SideroLink.Tun;

/// <summary>
/// Hands opened packets to the device. Packets of one batch that follow each other in one TCP flow (or UDP, where the device joins it) become one,
/// by a list of pieces without a copy. No packet waits longer than for the end of its batch. Checksums of TCP and UDP are marked as left to do,
/// with the sum of the pseudo-header in place: a local receiver takes that without summing the payload, which the AEAD has covered
/// (reference/wireguard.md 3.3). One thread owns it.
/// </summary>
internal sealed unsafe class TunOutput : IPacketOutput, IDisposable
{
    private const int MaxPackets = 2048;
    private const int MaxPieces = 1000; // below IOV_MAX
    private const int MaxLength = 65_535;
    private const int Slots = 1024;
    private readonly int _fd;
    private readonly bool _joinsUdp;
    private readonly BandwidthLimit? _limit;
    private readonly Piece[] _pieces = new Piece[MaxPackets];
    private readonly Item[] _items = new Item[MaxPackets];
    private readonly ulong[] _slots = new ulong[Slots]; // batch number above, newest item of the flow below
    private readonly NativeBlock _table = new(((MaxPieces + 1) * sizeof(Libc.IoVector)) + 64);
    private readonly Libc.IoVector* _vectors;
    private readonly byte* _header;
    private uint _batch = 1;
    private int _pieceCount;
    private int _itemCount;
    private long _dropped;
    private long _writes;

    /// <param name="fd">A queue of the device; its owner closes it.</param>
    /// <param name="joinsUdp">Whether UDP packets may be joined.</param>
    /// <param name="limit">What may come in; null: everything.</param>
    public TunOutput(int fd, bool joinsUdp, BandwidthLimit? limit)
    {
        _fd = fd;
        _joinsUdp = joinsUdp;
        _limit = limit;
        _header = _table.Start;
        _vectors = (Libc.IoVector*)(_table.Start + 64);
    }

    /// <summary>Packets that the device refused.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>How often something was handed to the device.</summary>
    public long Writes => Volatile.Read(ref _writes);

    /// <inheritdoc/>
    /// <param name="packet">Its memory must be native (<see cref="NativeBlock"/>).</param>
    public void Write(Memory<byte> packet)
    {
        if (packet.Length is 0 or > MaxLength || (_limit is { } limit && !limit.AllowInbound(packet.Length)))
        {
            return;
        }

        if (_pieceCount == MaxPackets)
        {
            Flush();
        }

        var bytes = packet.Span;
        var shape = PacketShape.Of(bytes);
        var start = NativeBlock.AddressOf(packet);
        if (shape.Transport == 0)
        {
            AddItem(start, packet.Length, shape);
            return;
        }

        ref var slot = ref _slots[shape.FlowHash(bytes) % Slots];
        if (!shape.Joinable || (!shape.IsTcp && !_joinsUdp))
        {
            slot = 0; // Nothing behind it may overtake it.
            AddItem(start, packet.Length, shape);
            return;
        }

        if ((uint)(slot >> 32) != _batch || !TryAppend(ref _items[(int)(uint)slot], bytes, start, shape))
        {
            slot = ((ulong)_batch << 32) | (uint)_itemCount;
            AddItem(start, packet.Length, shape);
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        for (var i = 0; i < _itemCount; i++)
        {
            Write(_items[i]);
        }

        Discard();
    }

    /// <summary>What was written and isn't with the device yet is forgotten.</summary>
    public void Discard()
    {
        _pieceCount = _itemCount = 0;
        _batch = Math.Max(1, _batch + 1);
    }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)_table).Dispose();

    private void AddItem(byte* start, int length, PacketShape shape)
    {
        var bytes = new ReadOnlySpan<byte>(start, length);
        var next = shape is { IsTcp: true, Joinable: true } ? shape.Sequence(bytes) + (uint)shape.Payload : 0;
        _items[_itemCount++] = new Item
        {
            First = _pieceCount,
            Last = _pieceCount,
            Count = 1,
            Length = length,
            Shape = shape,
            NextSequence = next,
            Closed = shape.Transport != 0 && shape.Pushes(bytes),
        };
        _pieces[_pieceCount++] = new Piece((nint)start, length, -1);
    }

    private bool TryAppend(ref Item item, ReadOnlySpan<byte> bytes, byte* start, PacketShape shape)
    {
        var size = item.Shape.Payload;
        if (item.Closed || item.Count == MaxPieces || shape.Payload > size || item.Length + shape.Payload > MaxLength
            || shape.Transport != item.Shape.Transport || shape.Headers != item.Shape.Headers || shape.IsTcp != item.Shape.IsTcp
            || (shape.IsTcp && shape.Sequence(bytes) != item.NextSequence)
            || !shape.Matches(new ReadOnlySpan<byte>((byte*)_pieces[item.First].Start, item.Shape.Headers), bytes))
        {
            return false;
        }

        _pieces[item.Last] = _pieces[item.Last] with { Next = _pieceCount };
        item.Last = _pieceCount;
        item.Count++;
        item.Length += shape.Payload;
        item.NextSequence += (uint)shape.Payload;
        _pieces[_pieceCount++] = new Piece((nint)(start + shape.Headers), shape.Payload, -1);
        if (shape.Pushes(bytes))
        {
            shape.Push(new Span<byte>((byte*)_pieces[item.First].Start, item.Shape.Headers));
            item.Closed = true;
        }
        else if (shape.Payload < size)
        {
            item.Closed = true; // A shorter one may only be the last.
        }

        return true;
    }

    private void Write(in Item item)
    {
        var first = _pieces[item.First];
        Prepare(item, new Span<byte>((byte*)first.Start, first.Length)).Write(new Span<byte>(_header, VirtioHeader.Length));
        _vectors[0] = new Libc.IoVector { Base = _header, Length = VirtioHeader.Length };
        var count = 1;
        for (var piece = item.First; piece >= 0; piece = _pieces[piece].Next)
        {
            _vectors[count++] = new Libc.IoVector { Base = (byte*)_pieces[piece].Start, Length = (nuint)_pieces[piece].Length };
        }

        nint written;
        do
        {
            written = Libc.WriteVector(_fd, _vectors, count);
        }
        while (written < 0 && Libc.LastError == Libc.EINTR);

        _writes++;
        if (written < 0)
        {
            _dropped += item.Count;
        }
    }

    private static VirtioHeader Prepare(in Item item, Span<byte> packet)
    {
        var shape = item.Shape;
        if (shape.Transport == 0)
        {
            return default;
        }

        var v4 = shape.Transport == 20;
        var transport = item.Length - shape.Transport;
        if (item.Count > 1)
        {
            if (v4)
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)item.Length);
                Checksum.Store(packet[10..], 0);
                Checksum.Store(packet[10..], Checksum.Finish(Checksum.Add(packet[..20])));
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)transport);
            }

            if (!shape.IsTcp)
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet[(shape.Transport + 4)..], (ushort)transport);
            }
        }

        var offset = shape.IsTcp ? VirtioHeader.TcpChecksum : VirtioHeader.UdpChecksum;
        var sum = Checksum.PseudoHeader(v4 ? packet[12..20] : packet[8..40], (byte)(shape.IsTcp ? 6 : 17), transport);
        Checksum.Store(packet[(shape.Transport + offset)..], Checksum.Fold(sum));
        var kind = item.Count == 1 ? (byte)0 : !shape.IsTcp ? VirtioHeader.Udp : v4 ? VirtioHeader.Tcp4 : VirtioHeader.Tcp6;
        var size = item.Count == 1 ? 0 : shape.Payload;
        return new(VirtioHeader.NeedsChecksum, kind, (ushort)shape.Headers, (ushort)size, (ushort)shape.Transport, offset);
    }

    private readonly record struct Piece(nint Start, int Length, int Next);

    private struct Item
    {
        public int First;
        public int Last;
        public int Count;
        public int Length;
        public PacketShape Shape;
        public uint NextSequence;
        public bool Closed;
    }
}
