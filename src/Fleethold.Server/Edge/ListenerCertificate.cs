using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;

namespace Fleethold.Server.Edge;

/// <summary>
/// The certificate that a listener shows, looked after while the server runs. When a new one is no good, the last good one stays in use.
/// </summary>
internal abstract partial class ListenerCertificate(TimeProvider clock, ILogger log)
{
    private readonly CancellationTokenSource _stopping = new();
    private SslServerAuthenticationOptions? _present;
    private Task _watching = Task.CompletedTask;

    /// <summary>What a handshake uses now.</summary>
    public SslServerAuthenticationOptions Present => Volatile.Read(ref _present) ?? throw new InvalidOperationException("there is no certificate yet");

    /// <summary>How often it is looked whether there is a newer one.</summary>
    protected abstract TimeSpan LookEvery { get; }

    /// <summary>The log of all certificates.</summary>
    protected ILogger Logger => log;

    /// <summary>The certificate of a listener; null when it has no TLS.</summary>
    public static ListenerCertificate? For(TlsSettings settings, TimeProvider clock, ILogger log, Func<ListenerCertificate> own) => settings switch
    {
        TlsSettings.Files files => new CertificateFiles(files, clock, log),
        TlsSettings.OwnCertificate => own(),
        _ => null,
    };

    /// <summary>Loads the first certificate.</summary>
    /// <exception cref="StartException">There is none that can be used.</exception>
    public void Start()
    {
        Look(first: true);
        _watching = Watch(_stopping.Token);
    }

    /// <summary>Stops looking.</summary>
    public async Task Stop()
    {
        await _stopping.CancelAsync();
        await _watching;
        _stopping.Dispose();
    }

    /// <summary>Looks whether there is a newer certificate, and uses it.</summary>
    /// <param name="first">True when there must be one.</param>
    /// <exception cref="StartException">It can't be used.</exception>
    protected abstract void Look(bool first);

    /// <summary>Uses a certificate from now on.</summary>
    /// <param name="leaf">The certificate with its key.</param>
    /// <param name="chain">What stands between it and its root.</param>
    protected void Use(X509Certificate2 leaf, X509Certificate2Collection chain) => Volatile.Write(ref _present, new SslServerAuthenticationOptions
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true),
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = false,
    });

    private async Task Watch(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        var said = "";
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                try
                {
                    Look(first: false);
                    said = "";
                }
                catch (StartException trouble)
                {
                    if (trouble.Message != said)
                    {
                        Log.KeepsOld(log, trouble.Message);
                    }

                    said = trouble.Message;
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private static partial class Log
    {
        [LoggerMessage(313, LogLevel.Warning, "the certificate in use stays, as the new one is no good: {Trouble}")]
        public static partial void KeepsOld(ILogger logger, string trouble);
    }
}
