using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>Makes the configuration from settings that passed every check.</summary>
internal sealed class ConfigurationBinder(Settings settings, ProblemList warnings)
{
    private const string AdvertisedUrl = "services.api.advertisedURL";

    public ServerConfiguration Bind()
    {
        var dataDirectory = Places.DataDirectory(settings);
        var api = Api();
        return new ServerConfiguration
        {
            Defaults = settings.Defaults,
            Account = new AccountSettings(settings.Text("account.id")!, settings.Text("account.name")!, MaxMachines()),
            Api = api,
            Metrics = new MetricsSettings(Listen("services.metrics.endpoint"), Files("services.metrics") ?? new TlsSettings.None() as TlsSettings),
            LocalDoors = new LocalDoorSettings(
                settings.IsOn("services.localResourceService.enabled") ? settings.Port("services.localResourceService.port") : null,
                Places.Socket(settings)),
            Storage = new StorageSettings(dataDirectory, Store(), OmniPaths(dataDirectory)),
            Keys = Keys(dataDirectory),
            Logs = new LogSettings(Level(), settings.Text("logs.format") == "text" ? LogFormat.Text : LogFormat.Json),
            SideroLink = SideroLinkBinder.Bind(settings, api),
            MachineLogs = MachineLogSettings.Bind(settings),
        };
    }

    private int MaxMachines() => (int)long.Min(settings.Value("account.maxRegisteredMachines") as long? ?? 0, int.MaxValue);

    private ListenAddress Listen(string path) =>
        ListenAddress.TryParse(settings.Text(path)!, out var address) ? address : throw new InvalidOperationException($"{path} wasn't checked");

    private TlsSettings.Files? Files(string prefix) =>
        settings.Text(prefix + ".certFile") is { } certificate && settings.Text(prefix + ".keyFile") is { } key
            ? new TlsSettings.Files(certificate, key)
            : null;

    private ApiSettings Api()
    {
        var listen = Listen("services.api.endpoint");
        var tls = Tls(listen);
        var scheme = tls is TlsSettings.None ? "http" : "https";
        if (settings.Find(AdvertisedUrl) is not { Value: string text } advertised)
        {
            return new ApiSettings(listen, new UriBuilder(scheme, "localhost", listen.Port == 0 ? -1 : listen.Port).Uri, tls);
        }

        var url = new Uri(text);
        if (url.Scheme == "http" && scheme == "https")
        {
            warnings.Add(advertised.Origin.Text, AdvertisedUrl, "says http, but the listener serves with TLS",
                "write an https URL; people can't connect with this one");
        }

        return new ApiSettings(listen, url, tls);
    }

    // design.md 2: plain HTTP only on loopback on request, and on any address when an Omni file says https and has no certificate.
    private TlsSettings Tls(ListenAddress listen)
    {
        if (Files("services.api") is { } files)
        {
            return files;
        }

        if (settings.Find(OwnKeys.PlainHttp)?.Value is bool isPlain)
        {
            return isPlain ? new TlsSettings.None() : new TlsSettings.OwnCertificate();
        }

        if (settings.Defaults == Defaults.Omni && settings.Find(AdvertisedUrl) is { Value: string url } advertised)
        {
            if (url.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            {
                warnings.Add(advertised.Origin.Text, AdvertisedUrl, $"is https without a certificate, so {listen} serves plain HTTP behind whatever ends TLS",
                    "let nothing but that reach it, or set services.api.certFile and keyFile, or fleethold.plainHTTP to false for a certificate of our own");
                return new TlsSettings.None();
            }

            if (listen.IsLoopback)
            {
                return new TlsSettings.None();
            }
        }

        return new TlsSettings.OwnCertificate();
    }

    private StoreSettings Store()
    {
        const string etcd = "storage.default.etcd";
        var isExternal = settings.Text("storage.default.kind") == "etcd" && !settings.IsOn(etcd + ".embedded");
        if (!isExternal)
        {
            WarnOfUnused(etcd + ".endpoints", "is for an external etcd; SQLite listens nowhere");
            if (settings.IsOn(etcd + ".runElections"))
            {
                WarnOfUnused(etcd + ".runElections", "is for an external etcd; one data directory has one server");
            }

            return new StoreSettings.Sqlite();
        }

        var endpoints = settings.List(etcd + ".endpoints").Select(endpoint => new Uri(endpoint)).ToArray();
        var isTls = endpoints.Any(endpoint => endpoint.Scheme == "https");
        if (endpoints.Any(endpoint => endpoint.Scheme == "http" && !endpoint.IsLoopback))
        {
            warnings.Add(settings.Origin(etcd + ".endpoints"), etcd + ".endpoints", "reaches etcd over the network without TLS",
                "use https URLs; resources are sealed, but anybody in between can change or remove them");
        }

        return new StoreSettings.Etcd(
            endpoints,
            "/fleethold/" + Uri.EscapeDataString(settings.Text("account.id")!),
            settings.Duration(etcd + ".dialKeepAliveTime"),
            settings.Duration(etcd + ".dialKeepAliveTimeout"),
            isTls ? settings.Text(etcd + ".caFile") : null,
            isTls ? Files(etcd) : null);
    }

    private void WarnOfUnused(string path, string why)
    {
        if (settings.Find(path) is { } setting && !ValueParser.Same(setting.Value, ValueParser.Default(setting.Key, Defaults.Omni)))
        {
            warnings.Add(setting.Origin.Text, path, $"has no effect: it {why}", "remove the key");
        }
    }

    private List<string> OmniPaths(string dataDirectory)
    {
        var paths = new List<string> { Path.Combine(dataDirectory, "etcd"), Path.Combine(dataDirectory, "omni.db") };
        if (settings.Defaults == Defaults.Omni)
        {
            paths.Add(settings.Text("storage.default.etcd.embeddedDBPath") ?? "");
            paths.Add(settings.Text("storage.default.boltdb.path") ?? "");
        }

        paths.Add(settings.Text("storage.sqlite.path") ?? "");
        return paths.Where(path => path.Length > 0).Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).ToList();
    }

    private KeySettings Keys(string dataDirectory)
    {
        var (file, variable) = (settings.Text("fleethold.keyFile"), settings.Text("fleethold.keyVariable"));
        var source = settings.Text("storage.default.etcd.privateKeySource");
        var isAlone = file is null && variable is null && source is null;
        var vault = new VaultSettings(
            settings.Text("storage.vault.url") is { } url ? new Uri(url) : null,
            settings.Text("storage.vault.token") is { } token ? new Secret(token) : null,
            settings.Text("storage.vault.k8sAuthMountPath") ?? "kubernetes");
        return new KeySettings(
            file is not null ? Path.GetFullPath(file) : isAlone ? Path.Combine(dataDirectory, "store.key") : null,
            isAlone,
            variable,
            source,
            vault,
            settings.List("storage.default.etcd.publicKeyFiles"));
    }

    private LogLevel Level() => settings.Text("logs.level") switch
    {
        "debug" => LogLevel.Debug,
        "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Information,
    };
}
