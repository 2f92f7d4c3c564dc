using System.Net;
using System.Net.Sockets;
using Fleethold.Server.Access;
using Fleethold.Server.Host;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Fleethold.Server.Edge;

/// <summary>The listeners, and their limits.</summary>
internal static partial class Doors
{
    public static void AddDoors(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton<LocalSocket>();
        builder.Services.AddSingleton<IStageService>(services => services.GetRequiredService<LocalSocket>());
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, Listeners>();
        builder.Services.AddSingleton<IConfigureOptions<SocketTransportOptions>, BoundSockets>();
    }

    /// <summary>Hands over the Unix socket that was made with care; everything else is bound as usual.</summary>
    private sealed class BoundSockets(LocalSocket local) : IConfigureOptions<SocketTransportOptions>
    {
        public void Configure(SocketTransportOptions options) => options.CreateBoundListenSocket = endpoint =>
            endpoint is UnixDomainSocketEndPoint ? local.TakeBound() : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
    }

    private sealed partial class Listeners(ServerOptions options, IServiceProvider services, ILogger<Listeners> log) : IConfigureOptions<KestrelServerOptions>
    {
        public void Configure(KestrelServerOptions kestrel)
        {
            kestrel.AddServerHeader = false;

            // Somebody in front may have ended TLS.
            kestrel.AllowAlternateSchemes = true;
            SetLimits(kestrel.Limits);
            Listen(kestrel, options.Api, Door.Public, HttpProtocols.Http1AndHttp2, options.ApiTransport);
            if (options.ApiTransport == Transport.PlainText && !IPAddress.IsLoopback(options.Api.Address))
            {
                Log.PlainText(log, options.Api);
            }

            if (options.LocalReader is { } reader)
            {
                Listen(kestrel, reader, Door.LocalReader, HttpProtocols.Http1AndHttp2, Transport.PlainText);
            }

            if (options.Metrics is { } metrics)
            {
                Listen(kestrel, metrics, Door.Metrics, HttpProtocols.Http1, Transport.PlainText);
            }

            if (options.LocalSocket)
            {
                kestrel.ListenUnixSocket(options.SocketPath, listen =>
                {
                    Set(listen, Door.LocalSocket, HttpProtocols.Http1AndHttp2);
                    listen.Use(PriorKnowledge.Detect);
                });
            }
        }

        private static void SetLimits(KestrelServerLimits limits)
        {
            // gRPC counts its messages itself; this is for what isn't gRPC, and must not be in the way of the largest message.
            limits.MaxRequestBodySize = Api.Requests.MaxMessage + 1024;

            // Watches are streams that stay; the default of 100 per connection is used up by one busy client.
            limits.Http2.MaxStreamsPerConnection = 10_000;
            limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
            limits.Http2.InitialStreamWindowSize = 1024 * 1024;

            // A watcher that doesn't read holds back only itself.
            limits.MinResponseDataRate = null;
            limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
            limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(30);
        }

        private void Listen(KestrelServerOptions kestrel, IPEndPoint endpoint, Door door, HttpProtocols protocols, Transport transport) =>
            kestrel.Listen(endpoint, listen =>
            {
                Set(listen, door, protocols);
                if (transport == Transport.Tls)
                {
                    var certificates = services.GetRequiredService<ServerCertificates>();
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(certificates.Present), HandshakeTimeout = TimeSpan.FromSeconds(10) });
                }
                else
                {
                    listen.Use(PriorKnowledge.Detect);
                }
            });

        private static void Set(ListenOptions listen, Door door, HttpProtocols protocols)
        {
            listen.Protocols = protocols;
            var feature = new DoorFeature(door);
            listen.Use(next => connection =>
            {
                connection.Features.Set(feature);
                return next(connection);
            });
        }

        private static partial class Log
        {
            [LoggerMessage(300, LogLevel.Warning, "{Endpoint} is served without TLS: put it behind something that ends TLS, or set a certificate")]
            public static partial void PlainText(ILogger logger, IPEndPoint endpoint);
        }
    }
}
