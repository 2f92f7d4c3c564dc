using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Simulator.Apid;

/// <summary>
/// The Talos API of all machines in maintenance mode, on one listener: the address that was dialled says which machine is meant. TLS 1.3 with one
/// certificate that nobody has issued. A connection to an address without a machine is closed at once.
/// </summary>
internal sealed class ApidListener : IAsyncDisposable
{
    /// <summary>The port of the Talos API.</summary>
    public const int Port = 50000;

    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate;

    private ApidListener(WebApplication application, X509Certificate2 certificate, int port) =>
        (_application, _certificate, BoundPort) = (application, certificate, port);

    /// <summary>The port that it listens on.</summary>
    public int BoundPort { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="machines">Who is where.</param>
    /// <param name="listen">Where; port 0 takes a free one.</param>
    /// <param name="clock">Dates the certificate.</param>
    public static async Task<ApidListener> Start(MachineDirectory machines, IPEndPoint listen, TimeProvider clock)
    {
        var certificate = MakeCertificate(clock);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(listen, door =>
        {
            door.Protocols = HttpProtocols.Http2;
            door.Use(next => connection => Admit(machines, connection, next));
            door.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.SslProtocols = System.Security.Authentication.SslProtocols.Tls13;
            });
        }));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(machines);
        builder.Services.AddSingleton<DiskService>();
        builder.Services.AddSingleton<MetaService>();
        builder.Services.AddSingleton<ResourceService>();
        var application = builder.Build();
        application.MapGrpcService<DiskService>();
        application.MapGrpcService<MetaService>();
        application.MapGrpcService<ResourceService>();
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new(application, certificate, Microsoft.AspNetCore.Http.BindingAddress.Parse(address).Port);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _application.DisposeAsync();
        _certificate.Dispose();
    }

    private static async Task Admit(MachineDirectory machines, ConnectionContext connection, ConnectionDelegate next)
    {
        if (machines.Find((connection.LocalEndPoint as IPEndPoint)?.Address) is not { } machine)
        {
            connection.Abort();
            return;
        }

        // A machine that goes down takes its connections with it.
        await using var end = machine.PowerOff.UnsafeRegister(static one => ((ConnectionContext)one!).Abort(), connection);
        await next(connection);
    }

    private static X509Certificate2 MakeCertificate(TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=maintenance-service.talos.dev", key, HashAlgorithmName.SHA256);
        var now = clock.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddHours(-1), now.AddYears(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
