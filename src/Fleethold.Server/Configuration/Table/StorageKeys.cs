namespace Fleethold.Server.Configuration.Table;

/// <summary>The keys below <c>storage:</c>.</summary>
internal static class StorageKeys
{
    private const string Pool = "connections to SQLite are managed by Fleethold: always WAL, full sync, one writer";

    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new("storage.default.kind", "--storage-kind", KeyType.Text, "etcd", Feature.Storage,
            "where resources are kept; boltdb and an embedded etcd mean SQLite")
        { Values = ["etcd", "boltdb"] },
        new("storage.default.boltdb.path", null, KeyType.Path, "_out/omni.db", Feature.Storage,
            "Omni's database file; only looked for, never opened"),
        new("storage.default.etcd.endpoints", "--etcd-endpoints", KeyType.List, """["http://localhost:2379"]""", Feature.Storage,
            "URLs of the members of an external etcd"),
        new("storage.default.etcd.dialKeepAliveTime", "--etcd-dial-keepalive-time", KeyType.Duration, "30s", Feature.Storage,
            "idle time after which the connection to etcd is probed"),
        new("storage.default.etcd.dialKeepAliveTimeout", "--etcd-dial-keepalive-timeout", KeyType.Duration, "5s", Feature.Storage,
            "longest wait for the answer to such a probe"),
        new("storage.default.etcd.caFile", "--etcd-ca-path", KeyType.Path, "etcd/ca.crt", Feature.Storage,
            "CA certificates (PEM) of an external etcd; those of the system if empty")
        { OwnDefault = "" },
        new("storage.default.etcd.certFile", "--etcd-client-cert-path", KeyType.Path, "etcd/client.crt", Feature.Storage,
            "client certificate (PEM) for an external etcd; none if empty")
        { OwnDefault = "" },
        new("storage.default.etcd.keyFile", "--etcd-client-key-path", KeyType.Path, "etcd/client.key", Feature.Storage,
            "key (PEM) of that certificate")
        { OwnDefault = "" },
        new("storage.default.etcd.embedded", "--etcd-embedded", KeyType.Switch, "true", Feature.Storage,
            "keep resources in SQLite in the data directory instead of an external etcd"),
        new("storage.default.etcd.embeddedDBPath", "--etcd-embedded-db-path", KeyType.Path, "_out/etcd/", Feature.Storage,
            "Omni's embedded etcd; only looked for, never opened"),
        new("storage.default.etcd.embeddedUnsafeFsync", "--etcd-embedded-unsafe-fsync", KeyType.Switch, null, Feature.Storage,
            "skip syncing to disk; never done here")
        { IsHidden = true, Asks = Asks.NeverButWarns, NoEffect = "Fleethold never acknowledges a write before it is on disk" },
        new("storage.default.etcd.runElections", null, KeyType.Switch, "false", Feature.Storage,
            "elect a leader among several servers; with an external etcd that is always done"),
        new("storage.default.etcd.privateKeySource", "--private-key-source", KeyType.Text, null, Feature.Storage,
            "OpenPGP private key that opens the store: file:///path or vault://mount/path")
        { MustNotBeEmpty = true },
        new("storage.default.etcd.publicKeyFiles", "--public-key-files", KeyType.List, null, Feature.Storage,
            "files with OpenPGP public keys whose owners can open the store too"),
        new("storage.vault.url", null, KeyType.Url, null, Feature.Vault, "URL of Vault") { Variable = "VAULT_ADDR" },
        new("storage.vault.token", null, KeyType.Text, null, Feature.Vault, "token for Vault") { Variable = "VAULT_TOKEN", IsSecret = true },
        new("storage.vault.k8sAuthMountPath", "--vault-k8s-auth-mount-path", KeyType.Text, null, Feature.Vault,
            "mount of Vault's Kubernetes authentication; kubernetes if empty"),
        new("storage.sqlite.path", "--sqlite-storage-path", KeyType.Path, null, Feature.Storage,
            "Omni's SQLite file; its folder is the data directory unless fleethold.dataDirectory is set")
        { MustNotBeEmpty = true },
        new("storage.sqlite.experimentalBaseParams", "--sqlite-storage-experimental-base-params", KeyType.Text,
            "_txlock=immediate&_pragma=busy_timeout(50000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)", Feature.Storage,
            "connection parameters of SQLite; ignored")
        { Asks = Asks.NeverButWarns, NoEffect = Pool },
        new("storage.sqlite.extraParams", "--sqlite-storage-extra-params", KeyType.Text, null, Feature.Storage,
            "more connection parameters of SQLite; ignored")
        { Asks = Asks.NeverButWarns, NoEffect = Pool },
        new("storage.sqlite.cachedPoolSize", null, KeyType.Integer, "4", Feature.Storage, "cached connections to SQLite; ignored")
        { Asks = Asks.NeverButWarns, NoEffect = Pool },
        new("storage.sqlite.poolSize", null, KeyType.Integer, "64", Feature.Storage, "most connections to SQLite; ignored")
        { Asks = Asks.NeverButWarns, NoEffect = Pool },
        new("storage.sqlite.metrics.refreshInterval", "--sqlite-metrics-refresh-interval", KeyType.Duration, "2m0s", Feature.TableStatistics,
            "time between two counts of the database tables"),
        new("storage.sqlite.metrics.refreshTimeout", "--sqlite-metrics-refresh-timeout", KeyType.Duration, "1m0s", Feature.TableStatistics,
            "longest such count"),
        new("storage.rateLimits.etcd.maxWait", "--storage-rate-limits-etcd-max-wait", KeyType.Duration, "30s", Feature.WriteLimits,
            "longest time that a write waits for its turn"),
        .. Limits("user", "user", "users"),
        .. Limits("infraProvider", "infra-provider", "infrastructure providers"),
        .. Limits("internal", "internal", "controllers"),
    ];

    private static IEnumerable<ConfigurationKey> Limits(string key, string flag, string who) =>
    [
        new($"storage.rateLimits.etcd.{key}.writeBytesPerSecond", $"--storage-rate-limits-etcd-{flag}-write-bytes-per-second",
            KeyType.Integer, null, Feature.WriteLimits, $"bytes per second that {who} may write; 0 for no limit"),
        new($"storage.rateLimits.etcd.{key}.writeBytesBurst", $"--storage-rate-limits-etcd-{flag}-write-bytes-burst",
            KeyType.Integer, null, Feature.WriteLimits, $"burst of {who} above that limit in bytes"),
    ];
}
