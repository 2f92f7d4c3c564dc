using System.Net.Security;
using System.Net.Sockets;
using Fleethold.Server.Access;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Fleethold.Server.Edge;

/// <summary>The listeners, and their limits.</summary>
internal static partial class Doors
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    public static void AddDoors(this WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddSingleton<LocalSocket>();
        builder.Services.AddSingleton<IStageService>(services => services.GetRequiredService<LocalSocket>());
        builder.Services.AddSingleton<EventSinkSocket>();
        builder.Services.AddSingleton<IStageService>(services => services.GetRequiredService<EventSinkSocket>());
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, Listeners>();
        builder.Services.AddSingleton<IConfigureOptions<SocketTransportOptions>, BoundSockets>();
    }

    /// <summary>Hands over the sockets that were made with care; everything else is bound as usual.</summary>
    private sealed class BoundSockets(LocalSocket local, EventSinkSocket events) : IConfigureOptions<SocketTransportOptions>
    {
        public void Configure(SocketTransportOptions options) => options.CreateBoundListenSocket = endpoint =>
            endpoint is UnixDomainSocketEndPoint ? local.TakeBound()
            : ReferenceEquals(endpoint, events.EndPoint) ? events.TakeBound()
            : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
    }

    private sealed partial class Listeners(
        ServerConfiguration configuration, ServerCertificates certificates, EventSinkSocket events, ILogger<Listeners> log)
        : IConfigureOptions<KestrelServerOptions>
    {
        public void Configure(KestrelServerOptions kestrel)
        {
            kestrel.AddServerHeader = false;

            // Somebody in front may have ended TLS.
            kestrel.AllowAlternateSchemes = true;
            SetLimits(kestrel.Limits);

            var api = configuration.Api;
            Listen(kestrel, api.Listen, Door.Public, certificates.Api);
            if (certificates.Api is null && !api.Listen.IsLoopback)
            {
                Log.PlainText(log, api.Listen);
            }

            if (configuration.LocalDoors.ResourcePort is { } port)
            {
                Listen(kestrel, new ListenAddress("127.0.0.1", port), Door.LocalReader, null);
            }

            Listen(kestrel, configuration.Metrics.Listen, Door.Metrics, certificates.Metrics);
            if (configuration.SideroLink.MachineApi.Listen is { } machines)
            {
                Listen(kestrel, machines, Door.Machines, certificates.Machines);
            }

            if (events.EndPoint is { } sink)
            {
                kestrel.Listen(sink, listen => Set(listen, Door.Tunnel, null));
            }

            kestrel.ListenUnixSocket(configuration.LocalDoors.SocketPath, listen => Set(listen, Door.LocalSocket, null));
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

        private static void Listen(KestrelServerOptions kestrel, ListenAddress where, Door door, ListenerCertificate? certificate)
        {
            if (where.Address is { } address)
            {
                kestrel.Listen(address, where.Port, listen => Set(listen, door, certificate));
            }
            else if (where.IsLoopback)
            {
                kestrel.ListenLocalhost(where.Port, listen => Set(listen, door, certificate));
            }
            else
            {
                kestrel.ListenAnyIP(where.Port, listen => Set(listen, door, certificate));
            }
        }

        private static void Set(ListenOptions listen, Door door, ListenerCertificate? certificate)
        {
            // Machines speak gRPC and nothing else (reference/siderolink.md 6.2).
            var isForMachines = door is Door.Machines or Door.Tunnel;
            listen.Protocols = isForMachines ? HttpProtocols.Http2 : HttpProtocols.Http1AndHttp2;
            var feature = new DoorFeature(door);
            listen.Use(next => connection =>
            {
                connection.Features.Set(feature);
                return next(connection);
            });
            if (certificate is not null)
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => new(isForMachines ? OnlyHttp2(certificate.Present) : certificate.Present),
                    HandshakeTimeout = HandshakeTimeout,
                });
            }
            else if (!isForMachines)
            {
                listen.Use(PriorKnowledge.Detect);
            }
        }

        private static SslServerAuthenticationOptions OnlyHttp2(SslServerAuthenticationOptions present) => new()
        {
            ServerCertificateContext = present.ServerCertificateContext,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            EnabledSslProtocols = present.EnabledSslProtocols,
            ClientCertificateRequired = false,
        };

        private static partial class Log
        {
            [LoggerMessage(300, LogLevel.Warning, "{Endpoint} is served without TLS: put it behind something that ends TLS, or set a certificate")]
            public static partial void PlainText(ILogger logger, ListenAddress endpoint);
        }
    }
}
