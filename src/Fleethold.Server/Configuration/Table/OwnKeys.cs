namespace Fleethold.Server.Configuration.Table;

/// <summary>The keys below <c>fleethold:</c>, which Omni doesn't have.</summary>
internal static class OwnKeys
{
    public const string DataDirectory = "fleethold.dataDirectory";
    public const string Defaults = "fleethold.defaults";
    public const string SocketPath = "fleethold.socketPath";
    public const string PlainHttp = "fleethold.plainHTTP";
    public const string Tunnel = "fleethold.tunnel.enabled";
    public const string TunnelMtu = "fleethold.tunnel.mtu";

    public static IReadOnlyList<ConfigurationKey> All { get; } =
    [
        new(DataDirectory, "--data-dir", KeyType.Path, "/var/lib/fleethold", Feature.Storage,
            "folder of everything that the server keeps: database, certificates, key, socket; for other users than root by default fleethold in "
            + "$XDG_DATA_HOME or ~/.local/share")
        { MustNotBeEmpty = true, Variable = "FLEETHOLD_DATA_DIR" },
        new(Defaults, "--defaults", KeyType.Text, null, Feature.Account,
            "whose defaults fill keys that aren't set; omni if a file sets any key of Omni's, otherwise fleethold")
        { Values = ["fleethold", "omni"] },
        new(PlainHttp, "--plain-http", KeyType.Switch, "false", Feature.Edge, "serve the main listener without TLS; on loopback only"),
        new(SocketPath, "--socket", KeyType.Path, null, Feature.Edge,
            "Unix socket with full rights; fleethold.sock in the data directory if empty"),
        new("fleethold.keyFile", "--key-file", KeyType.Path, null, Feature.Storage,
            "file with a key that opens the store, 32 bytes in base64 or an OpenPGP private key; store.key in the data directory, "
            + "made at first start, if no key is configured"),
        new("fleethold.keyVariable", "--key-variable", KeyType.Text, null, Feature.Storage,
            "name of an environment variable with a key that opens the store"),
        new(Tunnel, "--tunnel", KeyType.Switch, "true", Feature.SideroLink,
            "open the tunnel that machines join, which needs /dev/net/tun and CAP_NET_ADMIN; without it no machine can join"),
        new(TunnelMtu, "--tunnel-mtu", KeyType.Integer, "1280", Feature.SideroLink, "largest packet inside the tunnel in bytes; machines use 1280"),
    ];
}
