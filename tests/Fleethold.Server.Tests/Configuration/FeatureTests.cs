using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Tests.Configuration;

public class FeatureTests
{
    /// <summary>Keys of features that aren't there, which ask for them by a changed value.</summary>
    public static TheoryData<string> Asking =>
        [.. KeyTable.All.Where(key => !key.Feature.IsThere && key.Asks == Asks.WhenChanged && Changed(key) is not null).Select(key => key.Path)];

    [Theory]
    [MemberData(nameof(Asking))]
    public void A_key_that_asks_for_a_feature_that_is_not_there_is_refused_by_name(string path)
    {
        var key = KeyTable.ByPath[path];
        var yaml = Changed(key) + (key.Gate is null || KeyTable.ByPath[key.Gate].Default == "true" ? "" : "\n" + Yaml(key.Gate, "true"));

        var report = Reading.All(yaml.Split('\n'), ["--data-dir=/tmp/data"]);

        var named = key.ReplacedBy ?? path;
        var problem = Assert.Single(report.Problems, problem => problem.Key == named && problem.What.StartsWith(key.Feature.Name, StringComparison.Ordinal));
        Assert.StartsWith("a.yaml:1:", problem.Origin, StringComparison.Ordinal);
        Assert.StartsWith(key.Feature.Instead ?? "remove the key", problem.Remedy, StringComparison.Ordinal);
        Assert.Null(report.Configuration);
    }

    [Fact]
    public void Keys_of_a_method_of_sign_in_that_is_off_ask_for_nothing() =>
        Reading.Yaml("storage: {sqlite: {path: /data/sqlite.db}}\nauth: {oidc: {enabled: false, clientID: omni, scopes: [openid]}, saml: {url: https://idp.example.org}}")
            .Valid();

    [Fact]
    public void A_feature_that_is_on_by_default_is_asked_for_by_its_other_keys_until_it_is_turned_off()
    {
        const string changed = "storage: {sqlite: {path: /data/sqlite.db}}\nservices: {workloadProxy: {subdomain: apps}}";

        Assert.Contains(
            "a.yaml:2:39: services.workloadProxy.subdomain: the proxy of exposed services isn't there yet in this version; "
            + "remove the key or set services.workloadProxy.enabled to false",
            Reading.Yaml(changed).Problems.Lines());
        Reading.Yaml(changed, "services: {workloadProxy: {enabled: false}}").Valid();
    }

    [Fact]
    public void The_message_says_what_to_do() =>
        Assert.Contains(
            "a.yaml:1:24: auth.oidc.enabled: sign-in with OIDC isn't there yet in this version; remove the key or set it to false",
            Reading.Yaml("auth: {oidc: {enabled: true}}").Problems.Lines());

    [Fact]
    public void Credentials_of_a_factory_in_the_environment_ask_for_it()
    {
        var report = Reading.All([], [], ("OMNI_PRIMARY_FACTORY_USERNAME", "u"), ("OMNI_PRIMARY_FACTORY_PASSWORD", "p"));

        Assert.Equal(["registries.factories.primary.username", "registries.factories.primary.password"], report.Keys());
        Assert.All(report.Problems, problem => Assert.StartsWith("environment variable OMNI_PRIMARY_FACTORY_", problem.Origin, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("storage: {sqlite: {path: /d/s.db, extraParams: '_pragma=cache_size(1)'}}", "storage.sqlite.extraParams")]
    [InlineData("storage: {sqlite: {path: /d/s.db, poolSize: 8}}", "storage.sqlite.poolSize")]
    [InlineData("storage: {sqlite: {path: /d/s.db}, default: {etcd: {embeddedUnsafeFsync: true}}}", "storage.default.etcd.embeddedUnsafeFsync")]
    [InlineData("storage: {sqlite: {path: /d/s.db}, default: {etcd: {runElections: true}}}", "storage.default.etcd.runElections")]
    [InlineData("storage: {sqlite: {path: /d/s.db}, default: {etcd: {endpoints: ['http://localhost:12379']}}}", "storage.default.etcd.endpoints")]
    public void A_value_without_effect_is_accepted_with_a_warning(string yaml, string key)
    {
        var report = Reading.Yaml(yaml);

        report.Valid();
        Assert.Contains(report.Warnings, warning => warning.Key == key && warning.What.StartsWith("has no effect", StringComparison.Ordinal));
    }

    private static string Yaml(string path, string value)
    {
        var parts = path.Split('.');
        return string.Concat(parts.Select(part => "{" + part + ": ")) + value + new string('}', parts.Length);
    }

    private static string? Changed(ConfigurationKey key) => key.Type switch
    {
        KeyType.Switch when key.Default == "true" => null, // turning it off asks for nothing
        KeyType.Switch => Yaml(key.Path, "true"),
        KeyType.Integer or KeyType.Port => Yaml(key.Path, "12345"),
        KeyType.Share => Yaml(key.Path, "0.5"),
        KeyType.Duration => Yaml(key.Path, "7m"),
        KeyType.Endpoint or KeyType.IpEndpoint => Yaml(key.Path, "'127.0.0.1:7777'"),
        KeyType.Url => Yaml(key.Path, "https://changed.example.org"),
        KeyType.List => Yaml(key.Path, "[changed]"),
        KeyType.Map => Yaml(key.Path, "{changed: text}"),
        _ when key.Values.Count > 0 => Yaml(key.Path, key.Values.First(value => value != key.Default)),
        _ => Yaml(key.Path, "changed"),
    };
}
