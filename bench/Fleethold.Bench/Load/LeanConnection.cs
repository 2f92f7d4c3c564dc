using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using static Fleethold.Simulator.Events.Http2;

namespace Fleethold.Bench.Load;

/// <summary>
/// A gRPC client for load only: one HTTP/2 connection over a Unix socket, many writers, one thread. It sends what is ready in one piece and reads what
/// came in one piece, so that on a machine which client and server share most of the time goes to the server. Both the server and etcd are measured
/// with it. A call succeeded when its stream ended with a message; one that ends without is an error, and ends the run.
/// </summary>
internal sealed class LeanConnection : IDisposable
{
    private const int LargestRequest = 8 * 1024;
    private const uint OurWindow = int.MaxValue;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Dictionary<string, byte[]> _headers = [];
    private readonly Dictionary<uint, Call> _calls = [];
    private readonly Queue<ILoadWriter> _ready = [];
    private readonly byte[] _in = new byte[256 * 1024];
    private byte[] _out = new byte[64 * 1024];
    private int _outLength;
    private int _inLength;
    private uint _nextStream = 1;
    private long _sendWindow = FirstWindow;
    private long _received;

    /// <summary>Connects.</summary>
    public LeanConnection(string socketPath)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        _socket.ReceiveTimeout = 60_000;
        Append(Preface);
        // Streams may send us as much as they like; what we get is small.
        Append([0, 0, 6, Settings, 0, 0, 0, 0, 0, 0, 4, 0x7F, 0xFF, 0xFF, 0xFF]);
        GrantConnection(OurWindow - FirstWindow);
        Flush();
    }

    /// <summary>Lets the writers write until the time is over and all is answered.</summary>
    /// <returns>How many writes were acknowledged.</returns>
    public long Run(IEnumerable<ILoadWriter> writers, long start, TimeSpan length)
    {
        long answered = 0;
        var isOver = false;
        foreach (var writer in writers)
        {
            _ready.Enqueue(writer);
        }

        while (true)
        {
            isOver = isOver || Stopwatch.GetElapsedTime(start) >= length;
            if (isOver)
            {
                _ready.Clear();
            }

            while (_ready.TryPeek(out var writer) && _sendWindow >= LargestRequest)
            {
                _ready.Dequeue();
                Send(writer);
            }

            Flush();
            if (_calls.Count == 0 && isOver)
            {
                return answered;
            }

            answered += Receive();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Send(ILoadWriter writer)
    {
        var size = writer.NextSize();
        var headers = HeadersOf(writer.NextMethod);
        var stream = _nextStream;
        _nextStream += 2;
        Frame(headers.Length, Headers, EndHeaders, stream);
        Append(headers);
        Frame(GrpcPrefix + size, Data, EndStream, stream);
        var message = Reserve(GrpcPrefix + size);
        message[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(message[1..], size);
        writer.WriteNext(message[GrpcPrefix..]);
        _sendWindow -= GrpcPrefix + size;
        _calls.Add(stream, new Call(writer));
    }

    private long Receive()
    {
        var read = _socket.Receive(_in, _inLength, _in.Length - _inLength, SocketFlags.None);
        if (read == 0)
        {
            throw new IOException("the server closed the connection");
        }

        _inLength += read;
        var at = 0;
        long answered = 0;
        while (_inLength - at >= HeaderLength)
        {
            var (length, type, flags, stream) = ReadHeader(_in.AsSpan(at));
            if (_inLength - at < HeaderLength + length)
            {
                break;
            }

            answered += Handle(type, flags, stream, _in.AsSpan(at + HeaderLength, length));
            at += HeaderLength + length;
        }

        _in.AsSpan(at, _inLength - at).CopyTo(_in);
        _inLength -= at;
        return answered;
    }

    private int Handle(byte type, byte flags, uint stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case Data:
                _calls[stream].HasMessage |= payload.Length >= GrpcPrefix;
                GrantWhenNeeded(payload.Length);
                return (flags & EndStream) != 0 ? End(stream, payload) : 0;
            case Headers:
                return (flags & EndStream) != 0 ? End(stream, payload) : 0;
            case WindowUpdate when stream == 0:
                _sendWindow += BinaryPrimitives.ReadUInt32BigEndian(payload);
                return 0;
            case Settings when (flags & Acknowledged) == 0:
                Frame(0, Settings, Acknowledged, 0);
                return 0;
            case Ping when (flags & Acknowledged) == 0:
                Frame(payload.Length, Ping, Acknowledged, 0);
                Append(payload);
                return 0;
            case Reset or GoAway:
                throw new IOException($"the server ended stream {stream} (frame {type}): {Encoding.Latin1.GetString(payload)}");
            default:
                return 0;
        }
    }

    private int End(uint stream, ReadOnlySpan<byte> last)
    {
        _calls.Remove(stream, out var call);
        if (!call!.HasMessage)
        {
            throw new IOException($"the server refused a write: {Encoding.Latin1.GetString(last)}");
        }

        _ready.Enqueue(call.Writer);
        return 1;
    }

    private void GrantWhenNeeded(int received)
    {
        _received += received;
        if (_received > OurWindow / 4)
        {
            GrantConnection((uint)_received);
            _received = 0;
        }
    }

    private void GrantConnection(uint bytes)
    {
        Frame(4, WindowUpdate, 0, 0);
        BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), bytes);
    }

    // Literals that aren't indexed: what clients of .NET and Go send costs the server about the same.
    private byte[] HeadersOf(string method)
    {
        if (!_headers.TryGetValue(method, out var block))
        {
            _headers[method] = block = CallHeaders(method, "localhost");
        }

        return block;
    }

    private void Frame(int length, byte type, byte flags, uint stream) => WriteHeader(Reserve(HeaderLength), length, type, flags, stream);

    private void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    private Span<byte> Reserve(int size)
    {
        if (_outLength + size > _out.Length)
        {
            Array.Resize(ref _out, Math.Max(_out.Length * 2, _outLength + size));
        }

        _outLength += size;
        return _out.AsSpan(_outLength - size, size);
    }

    private void Flush()
    {
        for (var sent = 0; sent < _outLength;)
        {
            sent += _socket.Send(_out, sent, _outLength - sent, SocketFlags.None);
        }

        _outLength = 0;
    }

    private sealed class Call(ILoadWriter writer)
    {
        public ILoadWriter Writer { get; } = writer;

        public bool HasMessage { get; set; }
    }
}
