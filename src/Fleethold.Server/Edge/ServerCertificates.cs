using System.Net;
using System.Net.NetworkInformation;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleethold.Server.Host;

namespace Fleethold.Server.Edge;

/// <summary>
/// The certificate that the TLS port shows: of our own CA, or the operator's files. Looked after while the server runs: own ones are renewed in time,
/// changed files are taken up, and when new files are bad the last good ones stay in use.
/// </summary>
internal sealed partial class ServerCertificates(ServerOptions options, TimeProvider clock, ILogger<ServerCertificates> log) : IStageService
{
    private static readonly TimeSpan LookForChangedFiles = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookForRenewal = TimeSpan.FromHours(6);

    private readonly CertificateAuthority _authority = new(options.TlsFolder, clock);
    private readonly CancellationTokenSource _stopping = new();
    private SslServerAuthenticationOptions? _present;
    private byte[] _content = [];
    private Task _watching = Task.CompletedTask;

    /// <inheritdoc/>
    public Stage Stage => Stage.Store;

    /// <summary>What a handshake uses now.</summary>
    public SslServerAuthenticationOptions Present => Volatile.Read(ref _present) ?? throw new InvalidOperationException("there is no certificate yet");

    /// <inheritdoc/>
    public Task Start(CancellationToken cancellation)
    {
        if (options.ApiTransport == Transport.PlainText)
        {
            return Task.CompletedTask;
        }

        if (options.Certificate is { } files)
        {
            _content = ReadFiles(files);
            Use(LoadFiles(files));
            _watching = Watch(LookForChangedFiles, () => TakeUpChangedFiles(files), _stopping.Token);
        }
        else
        {
            Use(new X509Certificate2Collection(_authority.ServerCertificate(Names())));
            Log.OwnCa(log, _authority.CaPath, _authority.CaFingerprint());
            _watching = Watch(LookForRenewal, Renew, _stopping.Token);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _watching;
    }

    private static X509Certificate2Collection LoadFiles(CertificateFiles files)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(files.Certificate);
            if (chain.Count == 0)
            {
                throw new StartException($"{files.Certificate} holds no PEM certificate");
            }

            chain[0].Dispose();
            chain[0] = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
            return chain;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartException($"the certificate {files.Certificate} with the key {files.Key} can't be used: {failure.Message}", failure);
        }
    }

    private static byte[] ReadFiles(CertificateFiles files)
    {
        try
        {
            return [.. SHA256.HashData(File.ReadAllBytes(files.Certificate)), .. SHA256.HashData(File.ReadAllBytes(files.Key))];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the certificate {files.Certificate} with the key {files.Key} can't be read: {failure.Message}", failure);
        }
    }

    private HashSet<string> Names()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "localhost", "127.0.0.1", "::1" };
        var host = Dns.GetHostName();
        if (Uri.CheckHostName(host) == UriHostNameType.Dns)
        {
            names.Add(host);
        }

        names.UnionWith(options.AdvertisedNames.Select(name => name.Trim('[', ']')));
        if (options.Api.Address is { } bound && !bound.Equals(IPAddress.Any) && !bound.Equals(IPAddress.IPv6Any))
        {
            names.Add(bound.ToString());
            return names;
        }

        foreach (var card in NetworkInterface.GetAllNetworkInterfaces().Where(card => card.OperationalStatus == OperationalStatus.Up))
        {
            foreach (var address in card.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address).Where(address => !address.IsIPv6LinkLocal))
            {
                names.Add(address.ToString());
            }
        }

        return names;
    }

    private void Use(X509Certificate2Collection chain)
    {
        var leaf = chain[0];
        chain.RemoveAt(0);
        Volatile.Write(ref _present, new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true),
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = false,
        });
    }

    private void TakeUpChangedFiles(CertificateFiles files)
    {
        var content = ReadFiles(files);
        if (content.AsSpan().SequenceEqual(_content))
        {
            return;
        }

        Use(LoadFiles(files));
        _content = content;
        Log.Reloaded(log, files.Certificate);
    }

    private void Renew()
    {
        var before = Present.ServerCertificateContext!.TargetCertificate;
        var now = _authority.ServerCertificate(Names());
        if (now.Thumbprint == before.Thumbprint)
        {
            now.Dispose();
            return;
        }

        Use(new X509Certificate2Collection(now));
        Log.Renewed(log, now.NotAfter);
    }

    private async Task Watch(TimeSpan every, Action look, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(every, clock);
        var lastTrouble = "";
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                try
                {
                    look();
                    lastTrouble = "";
                }
                catch (StartException trouble) when (trouble.Message == lastTrouble)
                {
                    // Said already.
                }
                catch (StartException trouble)
                {
                    lastTrouble = trouble.Message;
                    Log.KeepsOld(log, trouble.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private static partial class Log
    {
        [LoggerMessage(310, LogLevel.Information, "clients must trust the CA {Path}, SHA-256 fingerprint {Fingerprint}")]
        public static partial void OwnCa(ILogger logger, string path, string fingerprint);

        [LoggerMessage(311, LogLevel.Information, "the changed certificate {Path} is in use")]
        public static partial void Reloaded(ILogger logger, string path);

        [LoggerMessage(312, LogLevel.Information, "the server certificate was renewed and is valid until {Until}")]
        public static partial void Renewed(ILogger logger, DateTime until);

        [LoggerMessage(313, LogLevel.Warning, "the certificate in use stays, as the new one is no good: {Trouble}")]
        public static partial void KeepsOld(ILogger logger, string trouble);
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
