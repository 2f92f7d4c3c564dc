using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fleethold.SideroLink.Wire;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleethold.Simulator.Provisioning;

/// <summary>
/// The connections of a whole fleet to the provisioning API. Real machines open one per call; here the calls share a few HTTP/2 connections, so that
/// a thousand machines cost the host of the simulator no thousand TLS handshakes.
/// </summary>
internal sealed class ProvisioningApi : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private readonly GrpcChannel _channel;
    private readonly ProvisionService.ProvisionServiceClient _client;
    private readonly TimeProvider _clock;

    /// <summary>Makes it; nothing is dialled yet.</summary>
    /// <param name="api">The URL, <c>http</c> or <c>https</c>.</param>
    /// <param name="trust">How the certificate of the server is verified.</param>
    /// <param name="clock">Bounds the calls.</param>
    public ProvisioningApi(Uri api, ServerTrust trust, TimeProvider clock)
    {
        _clock = clock;
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) };
        trust.ApplyTo(handler.SslOptions);
        _channel = GrpcChannel.ForAddress(api, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        _client = new(_channel);
        Tunnels = new(_channel);
    }

    /// <summary>The tunnel service, which is at the same address.</summary>
    public WireGuardOverGRPCService.WireGuardOverGRPCServiceClient Tunnels { get; }

    /// <summary>Asks to join.</summary>
    /// <exception cref="RpcException">The server refused or wasn't reached.</exception>
    public async Task<ProvisionResponse> Provision(ProvisionRequest request, CancellationToken cancellation) =>
        await _client.ProvisionAsync(request, deadline: _clock.GetUtcNow().UtcDateTime + CallTimeout, cancellationToken: cancellation);

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}

/// <summary>How the certificate of the provisioning API is verified: against the system's roots, against roots of one's own, or not at all.</summary>
/// <param name="Roots">Roots that count instead of the system's; null for the system's.</param>
/// <param name="AcceptsAny">True accepts every certificate.</param>
internal sealed record ServerTrust(X509Certificate2Collection? Roots = null, bool AcceptsAny = false)
{
    /// <summary>Sets a connection up.</summary>
    public void ApplyTo(SslClientAuthenticationOptions options)
    {
        if (AcceptsAny)
        {
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }
        else if (Roots is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(Roots);
            options.CertificateChainPolicy = policy;
        }
    }
}
