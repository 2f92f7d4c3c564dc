using System.Net;

namespace Fleethold.Server.Configuration;

/// <summary>How machines join and are reached.</summary>
internal sealed record SideroLinkSettings
{
    /// <summary>A server without a tunnel, as tests want it.</summary>
    public static SideroLinkSettings Off { get; } = new() { HasTunnel = false };

    /// <summary>False where no tunnel is opened: no machine can join then.</summary>
    public bool HasTunnel { get; init; } = true;

    /// <summary>Where WireGuard binds; the host is an IP address.</summary>
    public ListenAddress WireGuard { get; init; } = new("0.0.0.0", 51820);

    /// <summary>What machines dial, as <c>host:port</c> in the order of preference; host names stay unresolved. At least one.</summary>
    public IReadOnlyList<string> AdvertisedEndpoints { get; init; } = ["127.0.0.1:51820"];

    /// <summary>Which machines may join with which tokens (reference/siderolink.md 2.3).</summary>
    public JoinTokensMode JoinTokens { get; init; } = JoinTokensMode.LegacyAllowed;

    /// <summary>After a restart the server dials where a machine was last; otherwise it waits for the machine.</summary>
    public bool DialsLastEndpoint { get; init; }

    /// <summary>Links remember where their machines were last, for people to see and for <see cref="DialsLastEndpoint"/>.</summary>
    public bool KeepsLastEndpoint { get; init; } = true;

    /// <summary>WireGuard of every machine goes over gRPC.</summary>
    public bool ForcesGrpcTunnel { get; init; }

    /// <summary>The address that the receivers of events and logs bind: the server's inside the tunnel; null where there is none.</summary>
    public IPAddress? SinkAddress { get; init; }

    /// <summary>The TCP port of the receiver of events.</summary>
    public int EventSinkPort { get; init; } = 8090;

    /// <summary>The TCP port of the receiver of logs.</summary>
    public int LogServerPort { get; init; } = 8092;

    /// <summary>Bytes of the largest packet inside the tunnel.</summary>
    public int Mtu { get; init; } = SideroLink.Wire.TunnelAddresses.Mtu;

    /// <summary>The limit of all tunnel traffic; null for none.</summary>
    public BandwidthLimit? Bandwidth { get; init; }

    /// <summary>Where machines register.</summary>
    public MachineApiSettings MachineApi { get; init; } = new(null, new TlsSettings.None(), "https://localhost");
}

/// <summary>Where machines register.</summary>
/// <param name="Listen">A listener of its own; null where only the main one serves them.</param>
/// <param name="Tls">How that listener is secured: <see cref="TlsSettings.Files"/> or <see cref="TlsSettings.None"/>.</param>
/// <param name="AdvertisedUrl">What machines are told, as text: <c>grpc://</c> is without TLS (reference/siderolink.md 6.2).</param>
internal sealed record MachineApiSettings(ListenAddress? Listen, TlsSettings Tls, string AdvertisedUrl);

/// <summary>A limit of traffic, for all machines and both directions together.</summary>
/// <param name="BytesPerSecond">The rate.</param>
/// <param name="BurstBytes">What may pass at once.</param>
internal sealed record BandwidthLimit(long BytesPerSecond, long BurstBytes);

/// <summary>Which machines may join with which tokens.</summary>
internal enum JoinTokensMode
{
    /// <summary>Only machines that keep a token of their own, which Talos does from 1.6 on.</summary>
    Strict,

    /// <summary>Those, and older ones with a join token alone.</summary>
    LegacyAllowed,

    /// <summary>A join token is all that counts.</summary>
    Legacy,
}
