using System.Buffers.Binary;
using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Sockets;

/// <summary>
/// Takes datagrams from a socket in batches: each call brings up to eight messages, each of them up to 64 datagrams of one sender that the kernel
/// joined (UDP_GRO). One thread owns it.
/// </summary>
internal sealed unsafe class UdpReceiver : IDisposable
{
    private const int Messages = 8;
    private const int BufferLength = 65_536;
    private const int ControlLength = 64;
    private readonly int _fd;
    private readonly NativeBlock _buffers = new(Messages * BufferLength);
    private readonly NativeBlock _tables = new(Messages * (sizeof(Libc.MessageHeader) + sizeof(Libc.IoVector) + 32 + ControlLength));
    private readonly Libc.MessageHeader* _headers;
    private readonly byte* _names;
    private readonly byte* _controls;
    private int _count;
    private int _message;
    private int _offset;
    private int _size;
    private PeerEndpoint _from;

    /// <param name="fd">The socket; its owner closes it.</param>
    public UdpReceiver(int fd)
    {
        _fd = fd;
        _headers = (Libc.MessageHeader*)_tables.Start;
        var vectors = (Libc.IoVector*)(_headers + Messages);
        _names = (byte*)(vectors + Messages);
        _controls = _names + (Messages * 32);
        for (var i = 0; i < Messages; i++)
        {
            vectors[i] = new Libc.IoVector { Base = _buffers.Start + (i * BufferLength), Length = BufferLength };
            _headers[i].Name = _names + (i * 32);
            _headers[i].Vectors = vectors + i;
            _headers[i].VectorCount = 1;
            _headers[i].Control = _controls + (i * ControlLength);
        }
    }

    /// <summary>Fetches the next batch; what the one before brought is gone then. Doesn't wait.</summary>
    /// <returns>Whether there is one. False also on an error of the socket, which concerns no datagram in particular.</returns>
    public bool TryFill()
    {
        for (var i = 0; i < Messages; i++)
        {
            // The kernel overwrites them with each call (reference/wireguard.md 7, trap 4).
            _headers[i].NameLength = SocketAddress.MaxLength;
            _headers[i].ControlLength = ControlLength;
            _headers[i].Flags = 0;
        }

        _message = -1;
        _offset = _size = 0;
        _count = Libc.ReceiveMessages(_fd, _headers, Messages, Libc.MSG_DONTWAIT, null);
        return _count > 0;
    }

    /// <summary>The next datagram of the batch.</summary>
    /// <param name="datagram">Its bytes, valid until the next <see cref="TryFill"/>.</param>
    /// <param name="from">Who sent it.</param>
    public bool TryNext(out Memory<byte> datagram, out PeerEndpoint from)
    {
        while (true)
        {
            if (_message >= 0 && _offset < (int)_headers[_message].Length)
            {
                var length = Math.Min(_size, (int)_headers[_message].Length - _offset);
                datagram = _buffers.Memory.Slice((_message * BufferLength) + _offset, length);
                from = _from;
                _offset += length;
                return true;
            }

            if (++_message >= _count)
            {
                datagram = default;
                from = default;
                return false;
            }

            ref var header = ref _headers[_message];
            _from = SocketAddress.Read(new ReadOnlySpan<byte>(header.Name, (int)header.NameLength));
            _offset = 0;
            _size = SegmentSize(header);
            if ((header.Flags & Libc.MSG_CTRUNC) != 0 || _from.Kind == EndpointKind.None)
            {
                _offset = int.MaxValue; // Where one datagram ends isn't known.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ((IDisposable)_buffers).Dispose();
        ((IDisposable)_tables).Dispose();
    }

    private static int SegmentSize(in Libc.MessageHeader header)
    {
        var control = new ReadOnlySpan<byte>(header.Control, (int)header.ControlLength);
        while (control.Length >= 20)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(control);
            if (length is < 16 || length > control.Length)
            {
                break;
            }

            if (BinaryPrimitives.ReadInt32LittleEndian(control[8..]) == Libc.SOL_UDP && BinaryPrimitives.ReadInt32LittleEndian(control[12..]) == Libc.UDP_GRO)
            {
                return Math.Max(1, (int)BinaryPrimitives.ReadUInt16LittleEndian(control[16..]));
            }

            control = control[Math.Min(control.Length, (length + 7) & ~7)..];
        }

        return int.MaxValue;
    }
}
