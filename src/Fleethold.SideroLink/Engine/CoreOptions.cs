using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>What <see cref="WireGuardCore"/> can be told.</summary>
public sealed record CoreOptions
{
    /// <summary>Bytes of the largest packet inside the tunnel; padding never goes beyond it. 0: no limit.</summary>
    public int Mtu { get; init; } = TunnelAddresses.Mtu;

    /// <summary>
    /// Handshake messages that may wait in <see cref="WireGuardCore.Handshakes"/>, 1 or more; the oldest is dropped first. 0: there is no queue and
    /// <see cref="WireGuardCore.Receive"/> answers them itself, which suits tests and few peers.
    /// </summary>
    public int HandshakeQueueCapacity { get; init; }

    /// <summary>
    /// How much work may wait in the queue before strangers have to prove their address by a cookie. Counted in time, since a cookie costs a good
    /// machine a full retry of 5 s (reference/wireguard.md 4). <see cref="TimeSpan.Zero"/>: always.
    /// </summary>
    public TimeSpan HandshakeBudget { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Packets kept for a peer while there is no session; the oldest is dropped first.</summary>
    public int StagedPackets { get; init; } = 32;

    /// <summary>
    /// A handshake that nobody waits for (a new peer with a known endpoint, a persistent keepalive without session) starts after a random part of this,
    /// so that thousands don't start at once and don't cross with those of the machines. Zero: at once.
    /// </summary>
    public TimeSpan InitiationSpread { get; init; }

    /// <summary>Addresses whose handshakes are limited at the same time; beyond that, unknown addresses are refused while the load lasts.</summary>
    public int LimiterCapacity { get; init; } = 65_536;

    /// <summary>The seed of jitter and of index tags; null: from the operating system. Keys and nonces never depend on it.</summary>
    public int? Seed { get; init; }
}
