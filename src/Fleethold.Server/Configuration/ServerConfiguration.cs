using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>The whole configuration of a server, checked and complete. Immutable.</summary>
internal sealed record ServerConfiguration
{
    /// <summary>Whose defaults filled the keys that weren't set.</summary>
    public required Defaults Defaults { get; init; }

    public required AccountSettings Account { get; init; }

    public required ApiSettings Api { get; init; }

    public required MetricsSettings Metrics { get; init; }

    public required LocalDoorSettings LocalDoors { get; init; }

    public required StorageSettings Storage { get; init; }

    public required KeySettings Keys { get; init; }

    public required LogSettings Logs { get; init; }

    public SideroLinkSettings SideroLink { get; init; } = SideroLinkSettings.Off;

    /// <summary>What is kept of the logs of machines.</summary>
    public MachineLogSettings MachineLogs { get; init; } = new();

    /// <summary>Machines register at the main listener and see the certificate of our own CA there, which they must be told to trust.</summary>
    public bool MachinesMeetOwnCertificate =>
        this is { Api.Tls: TlsSettings.OwnCertificate, SideroLink.MachineApi: { Listen: null, AdvertisedUrl: var url } }
        && url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Which instance this is.</summary>
/// <param name="Id">Its UUID; part of the key prefix in an external etcd.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="MaxMachines">How many machines may join; 0 for any number.</param>
internal sealed record AccountSettings(string Id, string Name, int MaxMachines = 0);

/// <summary>The main listener.</summary>
/// <param name="Listen">Where it binds.</param>
/// <param name="AdvertisedUrl">Where people and tools reach it.</param>
/// <param name="Tls">How it is secured.</param>
internal sealed record ApiSettings(ListenAddress Listen, Uri AdvertisedUrl, TlsSettings Tls);

/// <summary>How a listener is secured.</summary>
internal abstract record TlsSettings
{
    /// <summary>With a certificate of our own CA, made at first start.</summary>
    public sealed record OwnCertificate : TlsSettings;

    /// <summary>With a certificate from files (PEM).</summary>
    public sealed record Files(string CertificateFile, string KeyFile) : TlsSettings;

    /// <summary>Not at all: TLS ends in front, or only this machine connects.</summary>
    public sealed record None : TlsSettings;
}

/// <summary>The Prometheus listener: <see cref="TlsSettings.Files"/> or <see cref="TlsSettings.None"/>.</summary>
internal sealed record MetricsSettings(ListenAddress Listen, TlsSettings Tls);

/// <summary>The doors for programs on this machine.</summary>
/// <param name="ResourcePort">The port on 127.0.0.1 of the read-only resource service; null when it is off.</param>
/// <param name="SocketPath">The Unix socket with full rights.</param>
internal sealed record LocalDoorSettings(int? ResourcePort, string SocketPath);

/// <summary>Where data is kept.</summary>
/// <param name="DataDirectory">The folder of everything that is kept on this machine, as a full path.</param>
/// <param name="Store">Where resources are kept.</param>
/// <param name="OmniPaths">Where an Omni that used the same configuration has its data.</param>
internal sealed record StorageSettings(string DataDirectory, StoreSettings Store, IReadOnlyList<string> OmniPaths)
{
    /// <summary>The SQLite database in the data directory.</summary>
    public string DatabaseFile => Path.Combine(DataDirectory, "fleethold.db");
}

/// <summary>Where resources are kept.</summary>
internal abstract record StoreSettings
{
    /// <summary>In SQLite in the data directory.</summary>
    public sealed record Sqlite : StoreSettings;

    /// <summary>Nowhere but in memory: for tests.</summary>
    public sealed record Memory : StoreSettings;

    /// <summary>In an external etcd.</summary>
    /// <param name="Endpoints">URLs of its members, at least one.</param>
    /// <param name="KeyPrefix">What all our keys start with, <c>/fleethold/&lt;account&gt;</c>.</param>
    /// <param name="KeepAliveTime">Idle time after which the connection is probed.</param>
    /// <param name="KeepAliveTimeout">Longest wait for the answer.</param>
    /// <param name="CaFile">CA certificates (PEM); null for those of the system.</param>
    /// <param name="ClientCertificate">Our certificate; null for none.</param>
    public sealed record Etcd(
        IReadOnlyList<Uri> Endpoints,
        string KeyPrefix,
        TimeSpan KeepAliveTime,
        TimeSpan KeepAliveTimeout,
        string? CaFile,
        TlsSettings.Files? ClientCertificate) : StoreSettings;
}

/// <summary>The keys that open the store. Each is one slot; any of them suffices.</summary>
/// <param name="KeyFile">The file with a key; null for none.</param>
/// <param name="CreateKeyFile">The file is made when it is missing and the store is new, as no other key is configured.</param>
/// <param name="KeyVariable">The environment variable with a key; null for none.</param>
/// <param name="PrivateKeySource">Omni's <c>privateKeySource</c>, <c>file://</c> or <c>vault://</c>; null for none.</param>
/// <param name="Vault">How Vault is reached, for a <c>vault://</c> source.</param>
/// <param name="PublicKeyFiles">Omni's <c>publicKeyFiles</c>: OpenPGP public keys of further slots.</param>
internal sealed record KeySettings(
    string? KeyFile,
    bool CreateKeyFile,
    string? KeyVariable,
    string? PrivateKeySource,
    VaultSettings Vault,
    IReadOnlyList<string> PublicKeyFiles);

/// <summary>How Vault is reached.</summary>
/// <param name="Url">Its URL; null where only the environment says it.</param>
/// <param name="Token">The token; null for Kubernetes authentication.</param>
/// <param name="KubernetesMount">The mount of Kubernetes authentication.</param>
internal sealed record VaultSettings(Uri? Url, Secret? Token, string KubernetesMount);

/// <summary>A text that never shows itself.</summary>
internal sealed class Secret(string text)
{
    /// <summary>The text, for who needs it.</summary>
    public string Reveal() => text;

    /// <summary>Never the text.</summary>
    public override string ToString() => "(secret)";
}

/// <summary>What is logged.</summary>
internal sealed record LogSettings(LogLevel Level, LogFormat Format);

/// <summary>The form of log lines.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}
