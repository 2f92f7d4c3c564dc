using System.Net.Sockets;
using Grpc.Net.Client;

namespace Fleethold.Bench.Peers;

/// <summary>
/// gRPC over a Unix socket, by the client that .NET programs use.
/// </summary>
internal static class UnixChannel
{
    /// <summary>A channel; it opens more connections when one has all the calls that it can take.</summary>
    public static GrpcChannel Open(string socketPath) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = null,
    });
}
