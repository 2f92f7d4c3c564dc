using Fleethold.Server.Configuration;
using Fleethold.Server.Host;

namespace Fleethold.Server.Edge;

/// <summary>The certificates of all listeners.</summary>
internal sealed class ServerCertificates : IStageService
{
    /// <summary>The certificates that the configuration names.</summary>
    public ServerCertificates(ServerConfiguration configuration, TimeProvider clock, ILogger<ServerCertificates> log)
    {
        var folder = FolderIn(configuration.Storage.DataDirectory);
        Api = ListenerCertificate.For(configuration.Api.Tls, clock, log, () => new OwnCertificate(folder, configuration.Api, clock, log));
        Metrics = ListenerCertificate.For(configuration.Metrics.Tls, clock, log, () => throw new StartException("the metrics listener has no certificate of our own: set its files, or none"));
        Machines = ListenerCertificate.For(
            configuration.SideroLink.MachineApi.Tls, clock, log, () => throw new StartException("the listener of machines has no certificate of our own: set its files, or none"));
    }

    /// <inheritdoc/>
    public Stage Stage => Stage.Store;

    /// <summary>The certificate (PEM) of our own CA in a data directory; there is none where no listener uses it.</summary>
    public static string CaFileIn(string dataDirectory) => Path.Combine(FolderIn(dataDirectory), CertificateAuthority.CaName);

    private static string FolderIn(string dataDirectory) => Path.Combine(dataDirectory, "tls");

    /// <summary>That of the main listener; null when it has no TLS.</summary>
    public ListenerCertificate? Api { get; }

    /// <summary>That of the metrics listener; null when it has no TLS.</summary>
    public ListenerCertificate? Metrics { get; }

    /// <summary>That of the own listener of machines; null when it has no TLS.</summary>
    public ListenerCertificate? Machines { get; }

    /// <inheritdoc/>
    public Task Start(CancellationToken cancellation)
    {
        Api?.Start();
        Metrics?.Start();
        Machines?.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        await (Api?.Stop() ?? Task.CompletedTask);
        await (Metrics?.Stop() ?? Task.CompletedTask);
        await (Machines?.Stop() ?? Task.CompletedTask);
    }
}

/// <summary>Certificates as a part of the server.</summary>
internal static class CertificateSetup
{
    public static void AddCertificates(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServerCertificates>();
        builder.Services.AddSingleton<IStageService>(services => services.GetRequiredService<ServerCertificates>());
    }
}
