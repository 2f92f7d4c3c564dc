using System.Collections.Concurrent;
using System.Net;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;
using Microsoft.Extensions.Logging;

namespace Fleethold.Simulator.Tunnels;

/// <summary>
/// The tunnels of all machines over real WireGuard. Machines share a network device and sockets. One that roamed or loses datagrams gets a
/// <see cref="DisturbedPath"/> of its own between itself and the server, since the shared sockets can't tell machines apart.
/// </summary>
internal sealed class WireGuardDevice : ITunnelDevice
{
    private readonly MachineTunnels _tunnels;
    private readonly Streams _streams;
    private readonly ConcurrentDictionary<PublicKey, MachineTunnel> _open = new();
    private readonly ConcurrentDictionary<PublicKey, DisturbedPath> _disturbed = new();
    private readonly TimeProvider _clock;
    private readonly int _seed;

    private WireGuardDevice(MachineTunnels tunnels, Streams streams, int seed, TimeProvider clock) =>
        (_tunnels, _streams, _seed, _clock) = (tunnels, streams, seed, clock);

    /// <summary>What the engine has done for all machines.</summary>
    public CoreCounters Counters => _tunnels.Counters;

    /// <summary>Makes the network device and the sockets.</summary>
    /// <param name="seed">Decides which datagrams are lost.</param>
    /// <param name="clock">Drives timers.</param>
    /// <param name="log">Hears of faults.</param>
    /// <exception cref="TunnelUnavailableException">Rights or the device are missing; the message says what to do.</exception>
    public static WireGuardDevice Open(int seed, TimeProvider clock, ILogger log)
    {
        var streams = new Streams();
        return new(MachineTunnels.Open(new(), streams, clock, log), streams, seed, clock);
    }

    /// <inheritdoc/>
    public void Open(MachineTunnel tunnel)
    {
        if (_open.TryGetValue(tunnel.Key.Public, out var before))
        {
            if (before.Endpoint == tunnel.Endpoint && before.Address.Equals(tunnel.Address) && before.Server == tunnel.Server)
            {
                return;
            }

            Close(tunnel.Key.Public);
        }

        if (tunnel.ToStream is { } stream)
        {
            _streams.Set(tunnel.Endpoint, stream);
        }

        _open[tunnel.Key.Public] = tunnel;
        Add(tunnel, tunnel.Endpoint);
    }

    /// <inheritdoc/>
    public void Close(PublicKey key)
    {
        _tunnels.RemoveMachine(key);
        if (_open.TryRemove(key, out var tunnel) && tunnel.ToStream is not null)
        {
            _streams.Remove(tunnel.Endpoint);
        }

        if (_disturbed.TryRemove(key, out var path))
        {
            path.Dispose();
        }
    }

    /// <inheritdoc/>
    public DateTimeOffset? LastHandshake(PublicKey key) => _tunnels.Find(key)?.LastHandshake;

    /// <inheritdoc/>
    public void Receive(PublicKey key, Memory<byte> datagram, in PeerEndpoint from) => _tunnels.Receive(datagram, from);

    /// <inheritdoc/>
    public void Roam(PublicKey key) => PathOf(key).ChangePort();

    /// <inheritdoc/>
    public void Lose(PublicKey key, double share) => PathOf(key).Loss = share;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var key in _open.Keys)
        {
            Close(key);
        }

        await _tunnels.DisposeAsync();
    }

    // The machine's session ends when its datagrams are led over a path of their own for the first time: its engine has to learn another endpoint.
    private DisturbedPath PathOf(PublicKey key)
    {
        if (!_open.TryGetValue(key, out var tunnel) || tunnel.Endpoint.Kind is not EndpointKind.Udp)
        {
            throw new InvalidOperationException("the machine has no tunnel over UDP");
        }

        return _disturbed.GetOrAdd(key, _ =>
        {
            var path = new DisturbedPath(new IPEndPoint(tunnel.Endpoint.ToAddress(), tunnel.Endpoint.Port), new Random(_seed ^ key.GetHashCode()));
            _tunnels.RemoveMachine(key);
            Add(tunnel, PeerEndpoint.Udp(path.Inside.Address, path.Inside.Port));
            return path;
        });
    }

    private void Add(MachineTunnel tunnel, PeerEndpoint endpoint) =>
        _tunnels.AddMachine(tunnel.Key.Secret, tunnel.Address, tunnel.Server, TunnelAddresses.Server, endpoint);

    /// <summary>Finds the stream of a machine by the endpoint that names it.</summary>
    private sealed class Streams : IStreamCarrier
    {
        private readonly ConcurrentDictionary<PeerEndpoint, Action<ReadOnlySpan<byte>>> _streams = new();

        public void Set(PeerEndpoint endpoint, Action<ReadOnlySpan<byte>> stream) => _streams[endpoint] = stream;

        public void Remove(PeerEndpoint endpoint) => _streams.TryRemove(endpoint, out _);

        public void Send(in PeerEndpoint to, ReadOnlySpan<byte> datagram)
        {
            if (_streams.TryGetValue(to, out var stream))
            {
                stream(datagram);
            }
        }
    }
}
