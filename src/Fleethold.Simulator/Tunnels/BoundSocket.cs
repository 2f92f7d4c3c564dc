using System.Net;
using System.Net.Sockets;

namespace Fleethold.Simulator.Tunnels;

/// <summary>TCP connections that come from the tunnel address of a machine.</summary>
internal static class BoundSocket
{
    private const int LevelIpv6 = 41;
    private const int FreeBind = 78;

    /// <summary>Connects.</summary>
    /// <param name="from">The machine's address; it needn't be one of an interface, a local route is enough.</param>
    /// <param name="to">The server inside the tunnel.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="SocketException">It isn't reached, or the address can't be used.</exception>
    public static async Task<Socket> Connect(IPAddress from, IPEndPoint to, CancellationToken cancellation)
    {
        var socket = new Socket(from.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (from.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.SetRawSocketOption(LevelIpv6, FreeBind, BitConverter.GetBytes(1));
            }

            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(to, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
