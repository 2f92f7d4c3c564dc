using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleethold.Cli.Connection;

/// <summary>Opens gRPC channels and says in plain words why one can't be opened.</summary>
internal static class Dialer
{
    private const int MaxMessageBytes = 64 << 20;

    /// <summary>The longest path of a Unix socket in bytes: the kernel has room for 108 with a zero byte at the end.</summary>
    private const int LongestSocketPath = 107;

    /// <summary>A channel; nothing is sent yet.</summary>
    /// <exception cref="CommandFailure">The CA file can't be read, or the path of the socket is too long.</exception>
    public static GrpcChannel Open(ServerAddress address)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            UseProxy = address is ServerAddress.Endpoint,
        };
        var url = address switch
        {
            ServerAddress.Socket socket => DialSocket(handler, socket),
            ServerAddress.Endpoint endpoint => DialEndpoint(handler, endpoint),
            _ => throw new ArgumentOutOfRangeException(nameof(address)),
        };
        return GrpcChannel.ForAddress(url, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
        });
    }

    /// <summary>What to tell the person when a call failed before it reached the server; null when the server answered.</summary>
    public static string? Explain(RpcException failure, ServerAddress address)
    {
        for (var cause = failure.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException:
                    return $"the certificate of {address} isn't trusted ({cause.Message}): name its authority with --ca FILE";
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return $"no right to open {address}: run this as the user of the server, or name a server with --endpoint URL";
                case SocketException when address is ServerAddress.Socket { IsDefault: true }:
                    return $"no server listens on {address}: start one with `fleethold serve`, or name one with --socket PATH, --endpoint URL, FLEETHOLD_SOCKET or FLEETHOLD_ENDPOINT";
                case SocketException when address is ServerAddress.Socket:
                    return $"no server listens on {address}: check the path, and that `fleethold serve` runs with that data directory";
                case SocketException:
                    return $"can't reach {address} ({cause.Message}): check the host, the port and that the server runs";
                case HttpRequestException when cause.InnerException is null:
                    return $"{address} doesn't answer as a Fleethold server ({cause.Message}): check scheme, host and port";
            }
        }

        return null;
    }

    private static Uri DialSocket(SocketsHttpHandler handler, ServerAddress.Socket address)
    {
        if (Encoding.UTF8.GetByteCount(address.Path) is 0 or > LongestSocketPath)
        {
            throw new CommandFailure($"a Unix socket can't have the path \"{address.Path}\": it may have 1 to {LongestSocketPath} bytes; use a shorter one, or a relative one");
        }

        handler.ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.Path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        return new Uri("http://localhost");
    }

    private static Uri DialEndpoint(SocketsHttpHandler handler, ServerAddress.Endpoint address)
    {
        if (address.SkipVerify)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        }
        else if (address.CaFile is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(ReadAuthorities(address.CaFile));
        }

        return address.Url;
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CommandFailure($"can't read the CA file {file}: {failure.Message}");
        }

        return authorities.Count > 0 ? authorities : throw new CommandFailure($"the CA file {file} holds no certificate in PEM form");
    }
}
