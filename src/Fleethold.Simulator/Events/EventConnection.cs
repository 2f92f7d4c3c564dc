using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Fleethold.SideroLink.Wire;
using Fleethold.Simulator.Tunnels;
using Google.Protobuf;
using static Fleethold.Simulator.Events.Http2;

namespace Fleethold.Simulator.Events;

/// <summary>
/// A gRPC connection to the event sink: HTTP/2 in plaintext, one unary call at a time. Written for thousands in one process: it has a few hundred
/// bytes of buffer and no task of its own. A call was acknowledged when its stream ended with a message; gRPC ends a refused one without.
/// </summary>
internal sealed class EventConnection : IDisposable
{
    private const int LargestFrame = 16 * 1024;

    // The connection preface with empty settings, which lets the first call leave in the same packet.
    private static readonly byte[] Opening = [.. Http2.Preface, 0, 0, 0, Settings, 0, 0, 0, 0, 0];

    private readonly Socket _socket;
    private readonly byte[] _headers;
    private byte[] _in = new byte[256];
    private int _begin;
    private int _end;
    private uint _stream = 1;
    private long _sendWindow = FirstWindow;
    private int _received;
    private bool _isBroken;

    private EventConnection(Socket socket, IPEndPoint to)
    {
        _socket = socket;
        _headers = CallHeaders("/events.EventSinkService/Publish", to.ToString());
    }

    /// <summary>Connects from the address of a machine.</summary>
    /// <exception cref="SocketException">It isn't reached.</exception>
    public static async Task<EventConnection> Open(IPAddress from, IPEndPoint to, CancellationToken cancellation) =>
        new(await BoundSocket.Connect(from, to, cancellation), to);

    /// <summary>Publishes one event and waits for its acknowledgement.</summary>
    /// <returns>False when the server refused the call; the connection can be used on.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<bool> Publish(EventRequest request, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isBroken, this);
        _isBroken = true;
        var isAcknowledged = await Call(request, cancellation);
        _isBroken = false;
        return isAcknowledged;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task<bool> Call(EventRequest request, CancellationToken cancellation)
    {
        var size = GrpcPrefix + request.CalculateSize();
        while (_sendWindow < size)
        {
            await ReadFrame(0, cancellation);
        }

        var stream = _stream;
        _stream += 2;
        _sendWindow -= size;
        var room = ArrayPool<byte>.Shared.Rent(Opening.Length + (2 * HeaderLength) + _headers.Length + size);
        try
        {
            await Send(room.AsMemory(0, Write(room, stream, request, size)), cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }

        var hasMessage = false;
        while (true)
        {
            var (mine, message, ended) = await ReadFrame(stream, cancellation);
            hasMessage |= mine && message;
            if (mine && ended)
            {
                return hasMessage;
            }
        }
    }

    private int Write(byte[] room, uint stream, EventRequest request, int size)
    {
        var at = 0;
        if (stream == 1)
        {
            Opening.CopyTo(room, 0);
            at = Opening.Length;
        }

        WriteHeader(room.AsSpan(at), _headers.Length, Headers, EndHeaders, stream);
        at += HeaderLength;
        _headers.CopyTo(room, at);
        at += _headers.Length;
        WriteHeader(room.AsSpan(at), size, Data, EndStream, stream);
        at += HeaderLength;
        room[at] = 0;
        BinaryPrimitives.WriteInt32BigEndian(room.AsSpan(at + 1), size - GrpcPrefix);
        request.WriteTo(room.AsSpan(at + GrpcPrefix, size - GrpcPrefix));
        return at + size;
    }

    // One frame: whether it belongs to the stream, whether it carries a message, whether it ends the stream.
    private async Task<(bool Mine, bool Message, bool Ended)> ReadFrame(uint mine, CancellationToken cancellation)
    {
        await Fill(HeaderLength, cancellation);
        var (length, type, flags, stream) = ReadHeader(_in.AsSpan(_begin));
        if (length > LargestFrame)
        {
            throw new IOException($"the event sink sent a frame of {length} bytes");
        }

        await Fill(HeaderLength + length, cancellation);
        var payload = _in.AsMemory(_begin + HeaderLength, length);
        _begin += HeaderLength + length;
        switch (type)
        {
            case Data:
                await Grant(length, cancellation);
                return (stream == mine, length >= GrpcPrefix, (flags & EndStream) != 0);
            case Headers:
                return (stream == mine, false, (flags & EndStream) != 0);
            case Reset when stream == mine:
                return (true, false, true);
            case WindowUpdate when stream == 0:
                _sendWindow += BinaryPrimitives.ReadUInt32BigEndian(payload.Span) & 0x7FFF_FFFF;
                break;
            case Settings when (flags & Acknowledged) == 0:
                await Send(Frame(Settings, Acknowledged, []), cancellation);
                break;
            case Ping when (flags & Acknowledged) == 0:
                await Send(Frame(Ping, Acknowledged, payload.Span), cancellation);
                break;
            case GoAway:
                throw new IOException("the event sink ended the connection");
        }

        return default;
    }

    private async ValueTask Fill(int bytes, CancellationToken cancellation)
    {
        while (_end - _begin < bytes)
        {
            if (_begin > 0)
            {
                _in.AsSpan(_begin, _end - _begin).CopyTo(_in);
                (_begin, _end) = (0, _end - _begin);
            }

            if (_in.Length < bytes)
            {
                Array.Resize(ref _in, bytes);
            }

            var read = await _socket.ReceiveAsync(_in.AsMemory(_end), cancellation);
            if (read == 0)
            {
                throw new IOException("the event sink closed the connection");
            }

            _end += read;
        }
    }

    private async ValueTask Grant(int received, CancellationToken cancellation)
    {
        _received += received;
        if (_received > FirstWindow / 2)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, _received);
            _received = 0;
            await Send(Frame(WindowUpdate, 0, bytes), cancellation);
        }
    }

    private async ValueTask Send(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, cancellation)..];
        }
    }

    private static byte[] Frame(byte type, byte flags, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderLength + payload.Length];
        WriteHeader(frame, payload.Length, type, flags, 0);
        payload.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }
}
