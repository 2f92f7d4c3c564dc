namespace Fleethold.Server.Configuration.Table;

/// <summary>The keys below <c>fleethold:</c>, which Omni doesn't have.</summary>
internal static class OwnKeys
{
    public const string DataDirectory = "fleethold.dataDirectory";
    public const string Defaults = "fleethold.defaults";
    public const string PlainHttp = "fleethold.plainHTTP";

    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new(DataDirectory, "--data-dir", KeyType.Path, "/var/lib/fleethold", Feature.Storage,
            "folder of everything that the server keeps: database, certificates, key, socket")
        { MustNotBeEmpty = true, Variable = "FLEETHOLD_DATA_DIR" },
        new(Defaults, "--defaults", KeyType.Text, null, Feature.Account,
            "whose defaults fill keys that aren't set; omni if a file sets any key of Omni's, otherwise fleethold")
        { Values = ["fleethold", "omni"] },
        new(PlainHttp, "--plain-http", KeyType.Switch, "false", Feature.Edge, "serve the main listener without TLS; on loopback only"),
        new("fleethold.socketPath", "--socket", KeyType.Path, null, Feature.Edge,
            "Unix socket with full rights; fleethold.sock in the data directory if empty"),
        new("fleethold.key", null, KeyType.Text, null, Feature.Storage, "key that seals the store, 32 bytes in base64; use a file where you can")
        { IsSecret = true, Variable = "FLEETHOLD_KEY" },
        new("fleethold.keyFile", "--key-file", KeyType.Path, null, Feature.Storage,
            "file with the key that seals the store; store.key in the data directory, made at first start, if empty"),
    ];
}
