using System.Text.RegularExpressions;
using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>
/// Rules between keys: those of reference/deployment.md 2 without the one-method rule and the EULA, which are dropped, and our own.
/// </summary>
internal static partial class CrossFieldRules
{
    private const string PrivateKeySource = "storage.default.etcd.privateKeySource";

    private static readonly (string Certificate, string Key)[] Pairs =
    [
        ("services.api.certFile", "services.api.keyFile"),
        ("services.metrics.certFile", "services.metrics.keyFile"),
        ("services.kubernetesProxy.certFile", "services.kubernetesProxy.keyFile"),
        ("services.machineAPI.certFile", "services.machineAPI.keyFile"),
        ("registries.imageFactoryUsername", "registries.imageFactoryPassword"),
        ("registries.factories.primary.username", "registries.factories.primary.password"),
        ("registries.factories.secondary.username", "registries.factories.secondary.password"),
        ("eulaAccept.name", "eulaAccept.email"),
    ];

    /// <summary>Checks every rule.</summary>
    public static void Check(Settings settings, ProblemList problems)
    {
        foreach (var (first, second) in Pairs)
        {
            Together(first, second, settings, problems);
        }

        Exclude("auth.saml.url", "auth.saml.metadata", settings, problems);
        Exclude("etcdBackup.localPath", "etcdBackup.s3Enabled", settings, problems);
        Saml(settings, problems);
        KubernetesUrl(settings, problems);
        Ordered("services.loadBalancer.minPort", "services.loadBalancer.maxPort", settings, problems);
        Ordered("etcdBackup.minInterval", "etcdBackup.maxInterval", settings, problems);
        Etcd(settings, problems);
        Keys(settings, problems);
        PlainHttp(settings, problems);
        Ports(settings, problems);
        DataDirectory(settings, problems);
        SideroLinkRules.Check(settings, problems);
    }

    /// <summary>The TCP listeners of the server on the host's addresses, each with the key that it comes from.</summary>
    public static IReadOnlyList<(string Path, ListenAddress Address)> Listeners(Settings settings)
    {
        var listeners = new List<(string Path, ListenAddress Address)>();
        Add("services.api.endpoint");
        Add("services.metrics.endpoint");
        if (settings.IsOn("services.localResourceService.enabled"))
        {
            listeners.Add(("services.localResourceService.port", new ListenAddress("127.0.0.1", settings.Port("services.localResourceService.port"))));
        }

        if (SideroLinkBinder.MachineListener(settings) is { } machines)
        {
            listeners.Add((SideroLinkRules.MachineEndpoint, machines));
        }

        return listeners;

        void Add(string path)
        {
            if (ListenAddress.TryParse(settings.Text(path) ?? "", out var address))
            {
                listeners.Add((path, address));
            }
        }
    }

    private static void Together(string first, string second, Settings settings, ProblemList problems)
    {
        var (hasFirst, hasSecond) = (settings.Text(first) is not null, settings.Text(second) is not null);
        if (hasFirst != hasSecond)
        {
            var (there, missing) = hasFirst ? (first, second) : (second, first);
            problems.Add(settings.Origin(there), there, $"needs {missing} too", $"set both or none of them");
        }
    }

    private static void Exclude(string first, string second, Settings settings, ProblemList problems)
    {
        if (IsSet(first) && IsSet(second))
        {
            problems.Add(settings.Origin(second), second, $"can't be combined with {first}", "keep one of them");
        }

        bool IsSet(string path) => settings.Value(path) is true or string { Length: > 0 };
    }

    private static void Saml(Settings settings, ProblemList problems)
    {
        if (settings.IsOn("auth.saml.enabled") && settings.Text("auth.saml.url") is null && settings.Text("auth.saml.metadata") is null)
        {
            problems.Add(settings.Origin("auth.saml.enabled"), "auth.saml.enabled", "the provider's metadata is missing",
                "set auth.saml.url or auth.saml.metadata");
        }
    }

    private static void KubernetesUrl(Settings settings, ProblemList problems)
    {
        const string path = "services.kubernetesProxy.advertisedURL";
        if (settings.Text(path) is { } url && !url.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            problems.Add(settings.Origin(path), path, "must start with https://", "kubectl sends credentials only over TLS: use an https URL");
        }
    }

    private static void Ordered(string least, string most, Settings settings, ProblemList problems)
    {
        if (settings.Value(least) is IComparable lower && lower.CompareTo(settings.Value(most)) > 0)
        {
            var path = settings.Find(least) is null ? most : least;
            problems.Add(settings.Origin(path), path, $"{least} is above {most}", "set them in ascending order");
        }
    }

    private static void Etcd(Settings settings, ProblemList problems)
    {
        const string path = "storage.default.etcd.endpoints";
        if (settings.Text("storage.default.kind") != "etcd" || settings.IsOn("storage.default.etcd.embedded"))
        {
            return;
        }

        Together("storage.default.etcd.certFile", "storage.default.etcd.keyFile", settings, problems);
        var endpoints = settings.List(path);
        if (endpoints.Count == 0)
        {
            problems.Add(settings.Origin(path), path, "must name a member of the etcd", "write its URL, as in https://10.0.0.1:2379");
        }

        foreach (var endpoint in endpoints.Where(endpoint => !IsUrl(endpoint)))
        {
            problems.Add(settings.Origin(path), path, $"'{(endpoint.Contains('@') ? "…" : Problem.Shown(endpoint))}' isn't an http or https URL of a host",
                "write it as in https://10.0.0.1:2379");
        }

        static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", AbsolutePath: "/", UserInfo: "" };
    }

    private static void Keys(Settings settings, ProblemList problems)
    {
        if (settings.Text(PrivateKeySource) is { } source && !IsKeySource(source))
        {
            problems.Add(settings.Origin(PrivateKeySource), PrivateKeySource, "isn't a source of a private key",
                "write file:///path, vault://mount/path or vault://@/path/to/token:/mount/path (letters, digits, - and /)");
        }

        if (settings.Text("fleethold.keyVariable") is { } variable && variable.AsSpan().ContainsAny("=\0"))
        {
            problems.Add(settings.Origin("fleethold.keyVariable"), "fleethold.keyVariable", "isn't the name of an environment variable",
                "write the name, not the key itself");
        }

        if (settings.List("storage.default.etcd.publicKeyFiles").Any(file => file.Length == 0))
        {
            const string path = "storage.default.etcd.publicKeyFiles";
            problems.Add(settings.Origin(path), path, "must not hold an empty name", "remove the empty item");
        }
    }

    // reference/deployment.md 4.3.
    private static bool IsKeySource(string text) =>
        text.StartsWith("file://", StringComparison.Ordinal) ? text.Length > "file://".Length : VaultSource().IsMatch(text);

    [GeneratedRegex("^vault://(@[^:]+:/)?[a-zA-Z0-9-]+/[a-zA-Z0-9/-]*[a-zA-Z0-9-]$")]
    private static partial Regex VaultSource();

    private static void PlainHttp(Settings settings, ProblemList problems)
    {
        if (settings.IsOn(OwnKeys.PlainHttp)
            && ListenAddress.TryParse(settings.Text("services.api.endpoint") ?? "", out var listen) && !listen.IsLoopback)
        {
            problems.Add(settings.Origin(OwnKeys.PlainHttp), OwnKeys.PlainHttp, $"would serve {listen} without TLS to the network",
                "listen on 127.0.0.1, or remove the key to serve with TLS");
        }

        if (settings.IsOn(OwnKeys.PlainHttp) && settings.Text("services.api.certFile") is not null)
        {
            problems.Add(settings.Origin(OwnKeys.PlainHttp), OwnKeys.PlainHttp, "can't be combined with services.api.certFile", "keep one of them");
        }
    }

    private static void Ports(Settings settings, ProblemList problems)
    {
        var listeners = Listeners(settings);
        for (var i = 1; i < listeners.Count; i++)
        {
            var (path, address) = listeners[i];
            var other = listeners.Take(i).FirstOrDefault(other => Collide(other.Address, address));
            if (other.Path is not null)
            {
                var named = settings.Find(path) is null ? other.Path : path;
                problems.Add(settings.Origin(named), named, $"{path} and {other.Path} both listen on port {address.Port}", "give one of them another port");
            }
        }

        static bool Collide(ListenAddress a, ListenAddress b) =>
            a.Port == b.Port && a.Port != 0 && (a.IsWildcard || b.IsWildcard || a.Host == b.Host || (a.IsLoopback && b.IsLoopback));
    }

    private static void DataDirectory(Settings settings, ProblemList problems)
    {
        if (settings.Defaults == Defaults.Omni && settings.Find("storage.sqlite.path") is null && settings.Find(OwnKeys.DataDirectory) is null)
        {
            problems.Add("", "storage.sqlite.path", "is missing, so there is no place for data",
                "set it, or fleethold.dataDirectory (--data-dir), to a place that outlives the container");
        }

        if (Places.IsTooLongForSocket(Places.Socket(settings)))
        {
            problems.Add(settings.Origin(OwnKeys.SocketPath), OwnKeys.SocketPath,
                $"is longer than the {Places.LongestSocket} bytes that a Unix socket may have", "set it to a shorter path, such as /run/fleethold.sock");
        }
    }
}
