using System.Net;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink;

/// <summary>What <see cref="WireGuardTunnel"/> can be told.</summary>
public sealed record TunnelOptions
{
    /// <summary>The server's private key, 32 bytes.</summary>
    public required ReadOnlyMemory<byte> PrivateKey { get; init; }

    /// <summary>Where to listen on UDP. An any-address of IPv6 takes only IPv6. Port 0 takes a free one, the same for all that ask for it.</summary>
    public IReadOnlyList<IPEndPoint> ListenEndpoints { get; init; } = [new(IPAddress.Any, 51820), new(IPAddress.IPv6Any, 51820)];

    /// <summary>The name of the network device.</summary>
    public string DeviceName { get; init; } = "siderolink";

    /// <summary>The server's address inside the tunnel.</summary>
    public IPAddress Address { get; init; } = TunnelAddresses.Server;

    /// <summary>The length of the network that is reached through the device.</summary>
    public int PrefixLength { get; init; } = 64;

    /// <summary>Bytes of the largest packet inside the tunnel, 1280 to 65,535.</summary>
    public int Mtu { get; init; } = TunnelAddresses.Mtu;

    /// <summary>The persistent keepalive interval to machines in seconds; 0: off.</summary>
    public ushort KeepaliveSeconds { get; init; } = 25;

    /// <summary>Peers that are there before the first packet is received.</summary>
    public IReadOnlyList<LinkPeer> Peers { get; init; } = [];

    /// <summary>What all machines together may send and receive; null: no limit.</summary>
    public TunnelBandwidth? Bandwidth { get; init; }

    /// <summary>Threads that receive and open, for each listen address; 1 or more.</summary>
    public int RxWorkers { get; init; } = 1;

    /// <summary>Threads that seal and send; 1 or more.</summary>
    public int TxWorkers { get; init; } = 1;

    /// <summary>Handshakes that start by themselves (with a remembered endpoint) are spread over so long.</summary>
    public TimeSpan InitiationSpread { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much handshake work may wait before strangers have to prove their address by a cookie; zero: always.</summary>
    public TimeSpan HandshakeBudget { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many handshake messages may wait for their worker, 1 or more.</summary>
    public int HandshakeQueueCapacity { get; init; } = 20_480;
}

/// <summary>A limit for both directions together.</summary>
/// <param name="BytesPerSecond">What flows in the long run.</param>
/// <param name="Burst">What may flow at once after a pause, in bytes.</param>
public sealed record TunnelBandwidth(long BytesPerSecond, long Burst);
