using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Fleethold.Interop;

/// <summary>A bad path: carries datagrams between clients and one target, and loses, doubles, delays and reorders some of them, from a seed.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly ConcurrentDictionary<IPEndPoint, Socket> _clients = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _front;
    private readonly IPEndPoint _target;
    private readonly Random _random;
    private readonly int _loss;
    private readonly int _duplicates;
    private readonly int _reordered;
    private readonly int _delay;
    private int _passed;
    private int _lost;
    private int _doubled;
    private int _late;

    /// <param name="listen">Where clients send to.</param>
    /// <param name="target">Where that goes.</param>
    /// <param name="seed">Of all chance.</param>
    /// <param name="loss">Per cent that are lost.</param>
    /// <param name="duplicates">Per cent that arrive twice.</param>
    /// <param name="reordered">Per cent that arrive after later ones.</param>
    /// <param name="delay">Milliseconds that those are late.</param>
    public Relay(IPEndPoint listen, IPEndPoint target, int seed, int loss, int duplicates, int reordered, int delay)
    {
        _front = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        _front.Bind(listen);
        _target = target;
        _random = new Random(seed);
        (_loss, _duplicates, _reordered, _delay) = (loss, duplicates, reordered, delay);
        _ = Task.Run(Forward);
    }

    public override string ToString() => $"passed={_passed} lost={_lost} doubled={_doubled} late={_late}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _front.Dispose();
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private async Task Forward()
    {
        var buffer = new byte[65_536];
        while (!_end.IsCancellationRequested)
        {
            var received = await _front.ReceiveFromAsync(buffer, new IPEndPoint(_target.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0), _end.Token);
            var from = (IPEndPoint)received.RemoteEndPoint;
            var client = _clients.GetOrAdd(from, Connect);
            Pass(buffer.AsSpan(0, received.ReceivedBytes), datagram => client.Send(datagram));
        }
    }

    private Socket Connect(IPEndPoint client)
    {
        var back = new Socket(_target.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        back.Connect(_target);
        _ = Task.Run(async () =>
        {
            var buffer = new byte[65_536];
            while (!_end.IsCancellationRequested)
            {
                var length = await back.ReceiveAsync(buffer, SocketFlags.None, _end.Token);
                Pass(buffer.AsSpan(0, length), datagram => _front.SendTo(datagram, client));
            }
        });
        return back;
    }

    private void Pass(ReadOnlySpan<byte> datagram, Action<byte[]> send)
    {
        int chance;
        lock (_random)
        {
            chance = _random.Next(100);
        }

        var copy = datagram.ToArray();
        if ((chance -= _loss) < 0)
        {
            Interlocked.Increment(ref _lost);
            return;
        }

        Interlocked.Increment(ref _passed);
        if ((chance -= _duplicates) < 0)
        {
            Interlocked.Increment(ref _doubled);
            send(copy);
        }
        else if (chance - _reordered < 0)
        {
            Interlocked.Increment(ref _late);
            _ = Later();
            return;
        }

        send(copy);

        async Task Later()
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_delay), TimeProvider.System, _end.Token);
            send(copy);
        }
    }
}
