using System.Buffers.Binary;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;

namespace Fleethold.SideroLink.Sockets;

/// <summary>
/// Sends datagrams in batches: runs of one length to one endpoint, which lie one behind the other in the arena, leave as one message (UDP_SEGMENT),
/// and all messages of a flush in one call. Datagrams to tunnels go to the carrier. One thread owns it.
/// </summary>
internal sealed unsafe class UdpOutput : IDatagramOutput, IDisposable
{
    /// <summary>Room for the datagrams of several packets of 64 KiB: for threads that send data.</summary>
    public const int DataRoom = 512 * 1024;

    /// <summary>Room for threads that seldom send data.</summary>
    public const int SmallRoom = 96 * 1024;

    private const int MaxPending = 512;
    private const int MaxSegments = 64;
    private const int ControlLength = 24;
    private const int NameLength = 32;
    private const int MaxPlainEndpoints = 4096;
    private readonly int _v4;
    private readonly int _v6;
    private readonly IStreamCarrier? _streams;
    private readonly BandwidthLimit? _limit;
    private readonly NativeBlock _arena;
    private readonly int _room;
    private readonly NativeBlock _tables = new(MaxPending * (sizeof(Libc.MessageHeader) + sizeof(Libc.IoVector) + NameLength + ControlLength));
    private readonly Libc.MessageHeader* _headers;
    private readonly Libc.IoVector* _vectors;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly Pending[] _pending = new Pending[MaxPending];
    private readonly Run[] _runs = new Run[MaxPending];
    private readonly HashSet<PeerEndpoint> _plainEndpoints = [];
    private PeerEndpoint _reservedFor;
    private int _count;
    private int _used;
    private bool _plainV4;
    private bool _plainV6;
    private long _dropped;

    /// <param name="v4">The socket for IPv4, -1 when there is none; its owner closes it.</param>
    /// <param name="v6">The one for IPv6.</param>
    /// <param name="streams">Takes datagrams for tunnels; null drops them.</param>
    /// <param name="limit">What may leave; null: everything.</param>
    /// <param name="room">Bytes that may wait for a flush, at least 65,535.</param>
    public UdpOutput(int v4, int v6, IStreamCarrier? streams, BandwidthLimit? limit, int room)
    {
        _room = room;
        _arena = new NativeBlock(room);
        _v4 = v4;
        _v6 = v6;
        _streams = streams;
        _limit = limit;
        _headers = (Libc.MessageHeader*)_tables.Start;
        _vectors = (Libc.IoVector*)(_headers + MaxPending);
        _names = (byte*)(_vectors + MaxPending);
        _controls = _names + (MaxPending * NameLength);
    }

    /// <summary>Datagrams that couldn't be sent.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <inheritdoc/>
    public Span<byte> Reserve(in PeerEndpoint to, int length)
    {
        if (_count == MaxPending || _room - _used < length)
        {
            Flush();
        }

        _reservedFor = to;
        return new Span<byte>(_arena.Start + _used, length);
    }

    /// <inheritdoc/>
    public void Commit(int length)
    {
        if (_limit is { } limit && !limit.AllowOutbound(length))
        {
            return;
        }

        switch (_reservedFor.Kind)
        {
            case EndpointKind.Udp:
                _pending[_count++] = new Pending(_reservedFor, _used, length);
                _used += length;
                break;
            case EndpointKind.Tunnel when _streams is not null:
                _streams.Send(_reservedFor, new ReadOnlySpan<byte>(_arena.Start + _used, length));
                break;
            default:
                _dropped++;
                break;
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        var messages = 0;
        var fd = -1;
        for (var first = 0; first < _count;)
        {
            var next = SocketFor(_pending[first].To);
            if (next != fd)
            {
                Send(fd, messages);
                fd = next;
                messages = 0;
            }

            var run = new Run(first, RunLength(first));
            Fill(messages, run);
            _runs[messages++] = run;
            first += run.Count;
        }

        Send(fd, messages);
        _count = _used = 0;
    }

    /// <summary>What was committed and didn't leave is forgotten.</summary>
    public void Discard() => _count = _used = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        ((IDisposable)_arena).Dispose();
        ((IDisposable)_tables).Dispose();
    }

    private int SocketFor(in PeerEndpoint endpoint) => SocketAddress.IsV4(endpoint) ? _v4 : _v6;

    /// <summary>How many datagrams from this one on may leave as one message.</summary>
    private int RunLength(int first)
    {
        ref var head = ref _pending[first];
        var v4 = SocketAddress.IsV4(head.To);
        if ((v4 ? _plainV4 : _plainV6) || (_plainEndpoints.Count > 0 && _plainEndpoints.Contains(head.To)))
        {
            return 1;
        }

        var room = (v4 ? 65_507 : 65_527) - head.Length;
        var count = 1;
        while (first + count < _count && count < MaxSegments)
        {
            ref var next = ref _pending[first + count];
            if (next.Length > head.Length || next.Length > room || next.To != head.To)
            {
                break;
            }

            count++;
            room -= next.Length;
            if (next.Length < head.Length)
            {
                break; // A shorter one may only be the last.
            }
        }

        return count;
    }

    private void Fill(int message, Run run)
    {
        ref var head = ref _pending[run.First];
        ref var last = ref _pending[run.First + run.Count - 1];
        ref var header = ref _headers[message];
        header = default;
        header.Name = _names + (message * NameLength);
        header.NameLength = (uint)SocketAddress.Write(head.To, new Span<byte>(header.Name, NameLength));
        header.Vectors = _vectors + message;
        header.VectorCount = 1;
        _vectors[message] = new Libc.IoVector { Base = _arena.Start + head.Offset, Length = (nuint)(last.Offset + last.Length - head.Offset) };
        if (run.Count > 1)
        {
            var control = new Span<byte>(_controls + (message * ControlLength), ControlLength);
            control.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(control, 18);
            BinaryPrimitives.WriteInt32LittleEndian(control[8..], Libc.SOL_UDP);
            BinaryPrimitives.WriteInt32LittleEndian(control[12..], Libc.UDP_SEGMENT);
            BinaryPrimitives.WriteUInt16LittleEndian(control[16..], (ushort)head.Length);
            header.Control = _controls + (message * ControlLength);
            header.ControlLength = ControlLength;
        }
    }

    private void Send(int fd, int messages)
    {
        for (var sent = 0; sent < messages;)
        {
            var done = fd < 0 ? -1 : Libc.SendMessages(fd, _headers + sent, (uint)(messages - sent), 0);
            if (done > 0)
            {
                sent += done;
                continue;
            }

            var error = fd < 0 ? Libc.EAFNOSUPPORT : Libc.LastError;
            if (error == Libc.EINTR)
            {
                continue;
            }

            // The error is that of the first message that is left. It says nothing about the others, nor about the peer.
            var run = _runs[sent++];
            if (run.Count > 1 && error is Libc.EIO or Libc.EINVAL or Libc.EMSGSIZE)
            {
                RememberPlain(_pending[run.First].To, error);
                SendPlain(fd, run);
            }
            else
            {
                _dropped += run.Count;
            }
        }
    }

    /// <summary>EIO: the device lacks checksum offload; otherwise the segments don't fit the route (reference/wireguard.md 3.4).</summary>
    private void RememberPlain(in PeerEndpoint to, int error)
    {
        if (error != Libc.EIO)
        {
            if (_plainEndpoints.Count == MaxPlainEndpoints)
            {
                _plainEndpoints.Clear();
            }

            _plainEndpoints.Add(to);
        }
        else if (SocketAddress.IsV4(to))
        {
            _plainV4 = true;
        }
        else
        {
            _plainV6 = true;
        }
    }

    private void SendPlain(int fd, Run run)
    {
        var name = stackalloc byte[NameLength];
        var vector = default(Libc.IoVector);
        var header = new Libc.MessageHeader { Name = name, Vectors = &vector, VectorCount = 1 };
        header.NameLength = (uint)SocketAddress.Write(_pending[run.First].To, new Span<byte>(name, NameLength));
        for (var i = run.First; i < run.First + run.Count; i++)
        {
            vector = new Libc.IoVector { Base = _arena.Start + _pending[i].Offset, Length = (nuint)_pending[i].Length };
            int done;
            do
            {
                done = Libc.SendMessages(fd, &header, 1, 0);
            }
            while (done < 0 && Libc.LastError == Libc.EINTR);

            if (done != 1)
            {
                _dropped++;
            }
        }
    }

    private readonly record struct Pending(PeerEndpoint To, int Offset, int Length);

    private readonly record struct Run(int First, int Count);
}
