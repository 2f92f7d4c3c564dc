using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Server.Machines;

/// <summary>The tunnel of the server, from its opening to its end.</summary>
internal sealed partial class ServerTunnel(
    TunnelOpener open, LinkConfig config, StreamTable streams, ServerConfiguration configuration, TimeProvider clock, ILogger<ServerTunnel> log)
    : IStageService, ILinkTable, IDatagramInput
{
    /// <summary>How long what was written last has to leave; the receivers and the rules have stopped by then.</summary>
    private static readonly TimeSpan Flushing = TimeSpan.FromMilliseconds(200);

    private ITunnel? _tunnel;

    /// <inheritdoc/>
    public Stage Stage => Stage.Tunnel;

    private ITunnel Tunnel => _tunnel ?? throw new InvalidOperationException("the tunnel isn't open");

    /// <inheritdoc/>
    public Task Start(CancellationToken cancellation)
    {
        _tunnel = open(config.PrivateKey);
        Log.Open(log, configuration.SideroLink.WireGuard, string.Join(", ", configuration.SideroLink.AdvertisedEndpoints));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        streams.Stop();
        await Task.Delay(Flushing, clock, CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Tunnel.DisposeAsync();
    }

    /// <inheritdoc/>
    public void Set(LinkPeer peer) => Tunnel.Set(peer);

    /// <inheritdoc/>
    public void Remove(PublicKey key) => Tunnel.Remove(key);

    /// <inheritdoc/>
    public LinkActivity? Find(PublicKey key) => Tunnel.Find(key);

    /// <inheritdoc/>
    public void Receive(Memory<byte> datagram, in PeerEndpoint from) => Tunnel.Receive(datagram, from);

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Information, "the tunnel is open at {Endpoint}/UDP; machines are told to dial {Advertised}")]
        public static partial void Open(ILogger logger, ListenAddress endpoint, string advertised);
    }
}
