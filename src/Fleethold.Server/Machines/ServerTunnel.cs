using System.Net;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Server.Machines;

/// <summary>The tunnel of the server, from its opening to its end.</summary>
internal sealed partial class ServerTunnel(
    LinkConfig config, KnownPeers known, StreamTable streams, ServerConfiguration configuration, TimeProvider clock, ILogger<ServerTunnel> log)
    : IStageService, ILinkTable, IDatagramInput
{
    /// <summary>How long what was written last has to leave; the receivers and the rules have stopped by then.</summary>
    private static readonly TimeSpan Flushing = TimeSpan.FromMilliseconds(200);

    private WireGuardTunnel? _tunnel;

    /// <inheritdoc/>
    public Stage Stage => Stage.Tunnel;

    /// <summary>The tunnel while it is open; null before and after.</summary>
    public WireGuardTunnel? Open => _tunnel;

    private WireGuardTunnel Tunnel => _tunnel ?? throw new InvalidOperationException("the tunnel isn't open");

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        var settings = configuration.SideroLink;
        var workers = int.Clamp(Environment.ProcessorCount / 2, 1, 4);
        try
        {
            _tunnel = WireGuardTunnel.Open(
                new TunnelOptions
                {
                    PrivateKey = config.PrivateKey.ToArray(),
                    ListenEndpoints = EndPointsOf(settings.WireGuard),
                    Mtu = settings.Mtu,
                    Bandwidth = settings.Bandwidth is { } limit ? new TunnelBandwidth(limit.BytesPerSecond, limit.BurstBytes) : null,
                    RxWorkers = workers,
                    TxWorkers = workers,
                    Peers = await known.Read(cancellation),
                },
                streams,
                clock,
                log);
        }
        catch (TunnelUnavailableException unavailable)
        {
            throw new StartException($"{unavailable.Message}; without a tunnel the server runs with fleethold.tunnel.enabled: false (--tunnel=false), but no machine can join", unavailable);
        }

        Log.Opened(log, settings.WireGuard, string.Join(", ", settings.AdvertisedEndpoints));
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        streams.Stop();
        await Task.Delay(Flushing, clock, CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Tunnel.DisposeAsync();
        _tunnel = null;
    }

    /// <inheritdoc/>
    public void Set(LinkPeer peer) => Tunnel.Set(peer);

    /// <inheritdoc/>
    public void Remove(PublicKey key) => Tunnel.Remove(key);

    /// <inheritdoc/>
    public LinkActivity? Find(PublicKey key) => Tunnel.Find(key);

    /// <inheritdoc/>
    public void Receive(Memory<byte> datagram, in PeerEndpoint from) => _tunnel?.Receive(datagram, from);

    // One address when one is named, otherwise every one of both families (reference/siderolink.md 4).
    private static IReadOnlyList<IPEndPoint> EndPointsOf(ListenAddress listen) =>
        listen.IsWildcard ? [new(IPAddress.Any, listen.Port), new(IPAddress.IPv6Any, listen.Port)] : [new(listen.Address!, listen.Port)];

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Information, "the tunnel is open at {Endpoint}/UDP; machines are told to dial {Advertised}")]
        public static partial void Opened(ILogger logger, ListenAddress endpoint, string advertised);
    }
}
