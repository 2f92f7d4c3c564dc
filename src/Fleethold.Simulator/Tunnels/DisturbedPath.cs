using System.Net;
using System.Net.Sockets;

namespace Fleethold.Simulator.Tunnels;

/// <summary>
/// A relay between one machine and the server, on the machine's side: it loses datagrams from a seed and can change the UDP port that the server sees.
/// </summary>
internal sealed class DisturbedPath : IDisposable
{
    private readonly IPEndPoint _server;
    private readonly Random _random;
    private readonly Socket _inside = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Lock _gate = new();
    private Socket _outside;
    private EndPoint? _machine;
    private volatile bool _ended;

    /// <summary>Makes it and begins to carry.</summary>
    /// <param name="server">Where the server is.</param>
    /// <param name="random">Decides what is lost.</param>
    public DisturbedPath(IPEndPoint server, Random random)
    {
        (_server, _random) = (server, random);
        _inside.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Inside = (IPEndPoint)_inside.LocalEndPoint!;
        _outside = Connect();
        _ = ToServer();
        _ = ToMachine(_outside);
    }

    /// <summary>Where the machine sends to.</summary>
    public IPEndPoint Inside { get; }

    /// <summary>The share of datagrams that is lost, each way: 0 none, 1 all.</summary>
    public double Loss { get; set; }

    /// <summary>The server sees another port from now on; what was under way to the old one is lost.</summary>
    public void ChangePort()
    {
        var next = Connect();
        Interlocked.Exchange(ref _outside, next).Dispose();
        _ = ToMachine(next);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended = true;
        _inside.Dispose();
        _outside.Dispose();
    }

    private Socket Connect()
    {
        var socket = new Socket(_server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(_server);
        return socket;
    }

    private bool IsLost()
    {
        lock (_gate)
        {
            return _random.NextDouble() < Loss;
        }
    }

    private async Task ToServer()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(65_535);
        while (!_ended)
        {
            try
            {
                var received = await _inside.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                _machine = received.RemoteEndPoint;
                if (!IsLost())
                {
                    await _outside.SendAsync(buffer.AsMemory(0, received.ReceivedBytes));
                }
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                // A refused or closed port loses a datagram, as a network does.
            }
        }
    }

    private async Task ToMachine(Socket outside)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(65_535);
        while (!_ended && ReferenceEquals(outside, Volatile.Read(ref _outside)))
        {
            try
            {
                var length = await outside.ReceiveAsync(buffer);
                if (!IsLost() && _machine is { } machine)
                {
                    await _inside.SendToAsync(buffer.AsMemory(0, length), machine);
                }
            }
            catch (SocketException)
            {
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }
}
