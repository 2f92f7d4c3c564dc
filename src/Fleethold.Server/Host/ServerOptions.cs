using System.Net;

namespace Fleethold.Server.Host;

/// <summary>How lines of the log are written.</summary>
internal enum LogFormat
{
    /// <summary>One JSON object a line, for machines.</summary>
    Json,

    /// <summary>For a person at a terminal.</summary>
    Text,
}

/// <summary>Who ends TLS.</summary>
internal enum Transport
{
    /// <summary>We do.</summary>
    Tls,

    /// <summary>Nobody (loopback), or somebody in front of us.</summary>
    PlainText,
}

/// <summary>A certificate (with its chain) and its key as PEM files.</summary>
/// <param name="Certificate">Path of the certificate, the chain after it.</param>
/// <param name="Key">Path of the private key.</param>
internal sealed record CertificateFiles(string Certificate, string Key);

/// <summary>Everything the server needs to know, checked before it starts.</summary>
internal sealed record ServerOptions
{
    /// <summary>The one folder that everything persistent lives in.</summary>
    public required string DataFolder { get; init; }

    /// <summary>False keeps all resources in memory only.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>The name of this installation, shown to clients as the instance name.</summary>
    public string AccountName { get; init; } = "default";

    /// <summary>Where the API and everything else for users is served.</summary>
    public IPEndPoint Api { get; init; } = new(IPAddress.IPv6Any, 443);

    /// <summary>Who ends TLS for <see cref="Api"/>.</summary>
    public Transport ApiTransport { get; init; } = Transport.Tls;

    /// <summary>A certificate of the operator; null for one of our own.</summary>
    public CertificateFiles? Certificate { get; init; }

    /// <summary>Names and addresses that clients reach us by, besides those of the host.</summary>
    public IReadOnlyList<string> AdvertisedNames { get; init; } = [];

    /// <summary>The local door for readers and providers, loopback only; null for none.</summary>
    public IPEndPoint? LocalReader { get; init; } = new(IPAddress.Loopback, 8081);

    /// <summary>Whether the Unix socket in the data folder is served.</summary>
    public bool LocalSocket { get; init; } = true;

    /// <summary>Where metrics are served; null for none.</summary>
    public IPEndPoint? Metrics { get; init; } = new(IPAddress.IPv6Any, 2122);

    /// <summary>How the log is written.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Json;

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The longest that a stop waits for running calls.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The Unix socket with full rights.</summary>
    public string SocketPath => Path.Combine(DataFolder, "fleethold.sock");

    /// <summary>Where our own CA and certificate are kept.</summary>
    public string TlsFolder => Path.Combine(DataFolder, "tls");
}
