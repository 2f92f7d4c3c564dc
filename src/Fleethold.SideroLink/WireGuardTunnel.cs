using System.Buffers.Binary;
using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tun;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;
using Microsoft.Extensions.Logging;

namespace Fleethold.SideroLink;

/// <summary>
/// The server's end of all tunnels: a network device, UDP sockets and the WireGuard engine between them. Machines reach the server's address
/// alone (<see cref="InputFilter.OwnAddressOnly"/>). Thread-safe.
/// </summary>
public sealed class WireGuardTunnel : ILinkTable, IDatagramInput, IAsyncDisposable
{
    private readonly TunnelLoops _loops;
    private readonly Identity _identity;
    private readonly ushort _keepaliveSeconds;

    private WireGuardTunnel(TunnelLoops loops, Identity identity, ushort keepaliveSeconds)
    {
        _loops = loops;
        _identity = identity;
        _keepaliveSeconds = keepaliveSeconds;
    }

    /// <summary>The key by which machines know the server.</summary>
    public PublicKey PublicKey => _identity.PublicKey;

    /// <summary>The UDP port it listens on.</summary>
    public int Port => _loops.Port;

    /// <summary>The name of its network device.</summary>
    public string DeviceName => _loops.Device.Name;

    /// <summary>What the engine has done.</summary>
    public CoreCounters Counters => _loops.Core.Counters;

    /// <summary>Handshake messages that wait for their worker.</summary>
    public int HandshakesWaiting => _loops.Core.Handshakes!.Count;

    /// <summary>Datagrams that the sockets refused.</summary>
    public long DatagramsDropped => _loops.DatagramsDropped;

    /// <summary>Opened packets that the device refused.</summary>
    public long PacketsDropped => _loops.PacketsDropped;

    /// <summary>Packets from machines dropped by the bandwidth limit.</summary>
    public long LimitedInbound => _loops.Limit?.DroppedInbound ?? 0;

    /// <summary>Packets to machines dropped by the bandwidth limit.</summary>
    public long LimitedOutbound => _loops.Limit?.DroppedOutbound ?? 0;

    /// <summary>Makes the device, binds the sockets and starts.</summary>
    /// <param name="options">What it is told; its key is copied.</param>
    /// <param name="streams">Takes datagrams for machines whose UDP is blocked; null when there are none such.</param>
    /// <param name="clock">Its timers.</param>
    /// <param name="log">Hears of faults.</param>
    /// <exception cref="TunnelUnavailableException">Rights, device or address are missing; the message says which and what to do.</exception>
    public static WireGuardTunnel Open(TunnelOptions options, IStreamCarrier? streams, TimeProvider clock, ILogger log)
    {
        var core = new WireGuardCore(
            new CoreOptions
            {
                Mtu = options.Mtu,
                HandshakeQueueCapacity = options.HandshakeQueueCapacity,
                HandshakeBudget = options.HandshakeBudget,
                InitiationSpread = options.InitiationSpread,
            },
            clock);
        var identity = core.AddIdentity(options.PrivateKey.Span, HostOrder(options.Address), InputFilter.OwnAddressOnly);
        foreach (var peer in options.Peers)
        {
            identity.Set(peer.Key, HostOrder(peer.Address), peer.Endpoint, options.KeepaliveSeconds);
        }

        var loops = TunnelLoops.Open(
            core,
            new LoopOptions(options.ListenEndpoints, options.DeviceName, options.RxWorkers, options.TxWorkers, options.Bandwidth),
            device => device.Configure(options.Mtu, options.Address, options.PrefixLength),
            streams,
            clock,
            log);
        return new WireGuardTunnel(loops, identity, options.KeepaliveSeconds);
    }

    /// <inheritdoc/>
    public void Set(LinkPeer peer) => _identity.Set(peer.Key, HostOrder(peer.Address), peer.Endpoint, _keepaliveSeconds);

    /// <inheritdoc/>
    public void Remove(PublicKey key) => _identity.Remove(key);

    /// <inheritdoc/>
    public LinkActivity? Find(PublicKey key) => _identity.Find(key)?.Activity;

    /// <summary>Starts a handshake with a machine whose endpoint is known.</summary>
    public void Initiate(PublicKey key)
    {
        if (_identity.Find(key) is { } peer)
        {
            _loops.Initiate(peer);
        }
    }

    /// <inheritdoc/>
    public void Receive(Memory<byte> datagram, in PeerEndpoint from) => _loops.Receive(datagram, from);

    /// <summary>Stops all threads, then removes the device and closes the sockets.</summary>
    public ValueTask DisposeAsync() => _loops.DisposeAsync();

    internal static UInt128 HostOrder(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out var length) && length == 16
            ? BinaryPrimitives.ReadUInt128BigEndian(bytes)
            : throw new ArgumentException($"{address} isn't an IPv6 address, as every address inside the tunnel is", nameof(address));
    }
}
