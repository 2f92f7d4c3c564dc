using System.Net;
using System.Net.Sockets;
using Fleethold.Server.Host;

namespace Fleethold.Server.Edge;

/// <summary>Binds listeners to the server's address inside the tunnel.</summary>
internal static class TunnelListener
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>A bound TCP socket; waits for an address that is still coming up, 20 s at most (reference/siderolink.md 9).</summary>
    /// <exception cref="StartException">It can't be bound.</exception>
    public static async Task<Socket> Bind(IPEndPoint endpoint, string what, TimeProvider clock, CancellationToken cancellation)
    {
        var since = clock.GetTimestamp();
        while (true)
        {
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(endpoint);
                return socket;
            }
            catch (SocketException early) when (early.SocketErrorCode == SocketError.AddressNotAvailable && clock.GetElapsedTime(since) < Patience)
            {
                socket.Dispose();
            }
            catch (SocketException failure)
            {
                socket.Dispose();
                var remedy = failure.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse => "; another program listens there, perhaps on every address: let it name one, or choose another port",
                    SocketError.AddressNotAvailable => "; the tunnel didn't get its address: see whether IPv6 is turned off on this machine",
                    _ => "",
                };
                throw new StartException($"{what} can't listen on {endpoint}: {failure.Message}{remedy}", failure);
            }

            await Task.Delay(Pause, clock, cancellation);
        }
    }
}
