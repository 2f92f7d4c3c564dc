using System.Collections.Concurrent;
using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tun;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;
using Microsoft.Extensions.Logging;

namespace Fleethold.SideroLink;

/// <summary>
/// The machines' ends of many tunnels in one process: each machine is an identity of its own, and all share a device, sockets and threads. The
/// machines' network is local in the network namespace, so a socket with <c>IPV6_FREEBIND</c> (level 41, option 78) may bind any machine's address,
/// and what it sends to the server leaves by that machine's tunnel. Needs a namespace where no server's device is. Thread-safe.
/// </summary>
public sealed class MachineTunnels : IDatagramInput, IAsyncDisposable
{
    private readonly TunnelLoops _loops;
    private readonly ConcurrentDictionary<PublicKey, Peer> _machines = new();

    private MachineTunnels(TunnelLoops loops) => _loops = loops;

    /// <summary>The UDP port that all machines send from.</summary>
    public int Port => _loops.Port;

    /// <summary>How many machines there are.</summary>
    public int Count => _machines.Count;

    /// <summary>What the engine has done for all machines.</summary>
    public CoreCounters Counters => _loops.Core.Counters;

    /// <summary>Makes the device, binds the sockets and starts.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="streams">Takes datagrams of machines that use a gRPC tunnel; the endpoint it is called with is the one that <see cref="AddMachine"/> was told.</param>
    /// <param name="clock">Its timers.</param>
    /// <param name="log">Hears of faults.</param>
    /// <exception cref="TunnelUnavailableException">Rights, device or address are missing; the message says which and what to do.</exception>
    public static MachineTunnels Open(MachineTunnelOptions options, IStreamCarrier? streams, TimeProvider clock, ILogger log)
    {
        var core = new WireGuardCore(new CoreOptions { Mtu = options.Mtu, HandshakeQueueCapacity = options.HandshakeQueueCapacity }, clock);
        var loops = TunnelLoops.Open(
            core,
            new LoopOptions(options.ListenEndpoints, options.DeviceName, options.RxWorkers, options.TxWorkers, null),
            device =>
            {
                device.Configure(options.Mtu, null, 0);
                device.OwnNetwork(options.Network, options.ServerAddress);
            },
            streams,
            clock,
            log);
        return new MachineTunnels(loops);
    }

    /// <summary>Adds a machine; with a keepalive it dials at once.</summary>
    /// <param name="privateKey">Its private key, 32 bytes; copied.</param>
    /// <param name="address">Its address inside the tunnel.</param>
    /// <param name="serverKey">The server's public key.</param>
    /// <param name="serverAddress">The server's address inside the tunnel.</param>
    /// <param name="serverEndpoint">Where the server is: a UDP address, or a tunnel endpoint that is this machine's own (<see cref="PeerEndpoint.Tunnel"/>).</param>
    /// <param name="keepaliveSeconds">The persistent keepalive interval; 0: off.</param>
    /// <returns>The machine's public key.</returns>
    /// <exception cref="ArgumentException">The key or address is wrong, or that of another machine.</exception>
    public PublicKey AddMachine(
        ReadOnlySpan<byte> privateKey, IPAddress address, PublicKey serverKey, IPAddress serverAddress, PeerEndpoint serverEndpoint, ushort keepaliveSeconds = 25)
    {
        var identity = _loops.Core.AddIdentity(privateKey, WireGuardTunnel.HostOrder(address), InputFilter.None);
        var peer = identity.Set(serverKey, WireGuardTunnel.HostOrder(serverAddress), serverEndpoint, keepaliveSeconds);
        if (peer is null)
        {
            _loops.Core.RemoveIdentity(identity);
            throw new ArgumentException("a machine can't have the server's key", nameof(privateKey));
        }

        _machines[identity.PublicKey] = peer;
        return identity.PublicKey;
    }

    /// <summary>Removes a machine, silently as a power cut does; one that isn't there is fine.</summary>
    public void RemoveMachine(PublicKey key)
    {
        if (_machines.TryRemove(key, out var peer))
        {
            _loops.Core.RemoveIdentity(peer.Identity);
        }
    }

    /// <summary>What a machine knows of its tunnel to the server; null when there is no such machine.</summary>
    public LinkActivity? Find(PublicKey key) => _machines.TryGetValue(key, out var peer) ? peer.Activity : null;

    /// <summary>Starts a handshake now, unless one is under way or was within 5 s.</summary>
    public void Initiate(PublicKey key)
    {
        if (_machines.TryGetValue(key, out var peer))
        {
            _loops.Initiate(peer);
        }
    }

    /// <inheritdoc/>
    public void Receive(Memory<byte> datagram, in PeerEndpoint from) => _loops.Receive(datagram, from);

    /// <summary>Stops all threads, then removes the device and closes the sockets.</summary>
    public ValueTask DisposeAsync() => _loops.DisposeAsync();
}

/// <summary>What <see cref="MachineTunnels"/> can be told.</summary>
public sealed record MachineTunnelOptions
{
    /// <summary>Where to send from. Port 0 takes a free one, the same for all that ask for it.</summary>
    public IReadOnlyList<IPEndPoint> ListenEndpoints { get; init; } = [new(IPAddress.Any, 0), new(IPAddress.IPv6Any, 0)];

    /// <summary>The name of the network device; <c>%d</c> in it stands for a free number.</summary>
    public string DeviceName { get; init; } = "machines%d";

    /// <summary>The network whose every address is local.</summary>
    public IPNetwork Network { get; init; } = TunnelAddresses.Machines;

    /// <summary>The address in it that is the server's.</summary>
    public IPAddress ServerAddress { get; init; } = TunnelAddresses.Server;

    /// <summary>Bytes of the largest packet inside the tunnel.</summary>
    public int Mtu { get; init; } = TunnelAddresses.Mtu;

    /// <summary>Threads that receive and open, for each address in <see cref="ListenEndpoints"/>.</summary>
    public int RxWorkers { get; init; } = 1;

    /// <summary>Threads that seal and send.</summary>
    public int TxWorkers { get; init; } = 1;

    /// <summary>How many handshake messages may wait for their worker.</summary>
    public int HandshakeQueueCapacity { get; init; } = 20_480;
}
