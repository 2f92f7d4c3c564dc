using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;

namespace Fleethold.Interop;

/// <summary>One stream that carries datagrams instead of UDP, as the gRPC tunnel does: each with its length before it, over TCP.</summary>
internal sealed class Streams : IStreamCarrier, IAsyncDisposable
{
    private readonly Channel<byte[]> _waiting = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly CancellationTokenSource _end = new();
    private TcpListener? _listener;

    /// <summary>The endpoint that stands for the stream.</summary>
    public static PeerEndpoint Endpoint { get; } = PeerEndpoint.Tunnel(IPAddress.Parse("fdae:41e4:649b:9304::2"), 50889);

    public void Send(in PeerEndpoint to, ReadOnlySpan<byte> datagram)
    {
        if (to == Endpoint)
        {
            _waiting.Writer.TryWrite(datagram.ToArray());
        }
    }

    public void Listen(IPEndPoint at, IDatagramInput input)
    {
        _listener = new TcpListener(at);
        _listener.Start();
        _ = Task.Run(async () => await Carry(await _listener.AcceptTcpClientAsync(_end.Token), input));
    }

    public async Task Dial(IPEndPoint to, IDatagramInput input)
    {
        var client = new TcpClient(to.AddressFamily);
        await client.ConnectAsync(to);
        _ = Task.Run(() => Carry(client, input));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener?.Dispose();
    }

    private async Task Carry(TcpClient client, IDatagramInput input)
    {
        using (client)
        {
            client.NoDelay = true;
            var stream = client.GetStream();
            await Task.WhenAny(Write(stream), Read(stream, input));
        }
    }

    private async Task Write(NetworkStream stream)
    {
        await foreach (var datagram in _waiting.Reader.ReadAllAsync(_end.Token))
        {
            var frame = new byte[datagram.Length + 2];
            BinaryPrimitives.WriteUInt16LittleEndian(frame, (ushort)datagram.Length);
            datagram.CopyTo(frame, 2);
            await stream.WriteAsync(frame, _end.Token);
        }
    }

    private async Task Read(NetworkStream stream, IDatagramInput input)
    {
        var length = new byte[2];
        while (true)
        {
            await stream.ReadExactlyAsync(length, _end.Token);
            var datagram = new byte[BinaryPrimitives.ReadUInt16LittleEndian(length)];
            await stream.ReadExactlyAsync(datagram, _end.Token);
            input.Receive(datagram, Endpoint);
        }
    }
}
