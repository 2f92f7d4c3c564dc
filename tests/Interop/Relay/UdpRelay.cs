using System.Net;
using System.Net.Sockets;

namespace Fleethold.Interop.Relay;

/// <summary>
/// A bad network between two WireGuard peers: forwards datagrams to a target and its answers back, losing, delaying, doubling and reordering them
/// from a seed. Each sender gets a socket of its own towards the target, as a NAT would give it.
/// </summary>
/// <param name="listen">Where senders send to; port 0 picks one.</param>
/// <param name="target">Where their datagrams go.</param>
/// <param name="impairments">What happens to them, in both directions.</param>
/// <param name="seed">The same seed and order of datagrams give the same fates.</param>
public sealed class UdpRelay(IPEndPoint listen, IPEndPoint target, Impairments impairments, int seed) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<(Socket By, SocketAddress To, byte[] Datagram), (long At, long Number)> _waiting = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly Dictionary<SocketAddress, Socket> _outward = [];
    private readonly List<Task> _running = [];
    private Socket? _front;
    private long _number;

    /// <summary>Datagrams taken, in both directions.</summary>
    public long Taken { get; private set; }

    /// <summary>Datagrams lost on purpose.</summary>
    public long Lost { get; private set; }

    /// <summary>Datagrams doubled on purpose.</summary>
    public long Doubled { get; private set; }

    /// <summary>Opens the socket and starts to forward.</summary>
    /// <returns>Where it listens.</returns>
    public IPEndPoint Start()
    {
        _front = Bind(listen);
        _running.Add(Forward());
        _running.Add(Take(_front, from => (Outward(from), Address(target))));
        return (IPEndPoint)_front.LocalEndPoint!;
    }

    /// <summary>Gives every sender a new socket towards the target, so that all seem to come from new addresses: they have roamed.</summary>
    public void Roam()
    {
        lock (_lock)
        {
            foreach (var socket in _outward.Values)
            {
                socket.Dispose();
            }

            _outward.Clear();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _front?.Dispose();
        Roam();
        await Task.WhenAll(_running);
        _stop.Dispose();
        _changed.Dispose();
    }

    private static Socket Bind(IPEndPoint where)
    {
        var socket = new Socket(where.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(where);
        return socket;
    }

    private static SocketAddress Address(IPEndPoint endpoint) => endpoint.Serialize();

    // The socket that stands for a sender; its answers go back to it.
    private Socket Outward(SocketAddress sender)
    {
        lock (_lock)
        {
            if (!_outward.TryGetValue(sender, out var socket))
            {
                socket = Bind(new IPEndPoint(target.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
                _outward.Add(sender, socket);
                _running.Add(Take(socket, _ => (_front!, sender)));
            }

            return socket;
        }
    }

    private async Task Take(Socket socket, Func<SocketAddress, (Socket By, SocketAddress To)> route)
    {
        var buffer = new byte[65_535];
        var from = new SocketAddress(socket.AddressFamily);
        while (!_stop.IsCancellationRequested)
        {
            int length;
            try
            {
                length = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, _stop.Token);
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // Nobody listens at the target for now; a network doesn't mind.
                continue;
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }

            var sender = new SocketAddress(from.Family, from.Size);
            from.Buffer.Span[..from.Size].CopyTo(sender.Buffer.Span);
            var (by, to) = route(sender);
            Put(by, to, buffer.AsSpan(0, length));
        }
    }

    private void Put(Socket by, SocketAddress to, ReadOnlySpan<byte> datagram)
    {
        lock (_lock)
        {
            Taken++;
            var copies = impairments.Next(_random);
            Lost += copies.Count == 0 ? 1 : 0;
            Doubled += copies.Count > 1 ? 1 : 0;
            foreach (var after in copies)
            {
                _waiting.Enqueue((by, to, datagram.ToArray()), (Environment.TickCount64 + (long)after.TotalMilliseconds, _number++));
            }
        }

        _changed.Release();
    }

    private async Task Forward()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _changed.WaitAsync(SendDue(), _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // Sends what is due; returns how long the next one waits.
    private TimeSpan SendDue()
    {
        lock (_lock)
        {
            while (_waiting.TryPeek(out var next, out var order))
            {
                var wait = order.At - Environment.TickCount64;
                if (wait > 0)
                {
                    return TimeSpan.FromMilliseconds(wait);
                }

                _waiting.Dequeue();
                try
                {
                    next.By.SendTo(next.Datagram, SocketFlags.None, next.To);
                }
                catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
                {
                    // As lost as any other.
                }
            }

            return Timeout.InfiniteTimeSpan;
        }
    }
}
