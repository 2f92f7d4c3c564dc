using Fleethold.Server.Configuration;
using Fleethold.Testing;
using Microsoft.Extensions.Logging;

namespace Fleethold.Server.Tests.Configuration;

public class MeaningTests
{
    private const string Sqlite = "storage: {sqlite: {path: /data/secondary/sqlite.db}}\n";

    [Fact]
    public void Without_anything_our_own_defaults_hold()
    {
        var configuration = Reading.Yaml().Valid();

        Assert.Equal(new ListenAddress("0.0.0.0", 443), configuration.Api.Listen);
        Assert.Equal("https://localhost/", configuration.Api.AdvertisedUrl.ToString());
        Assert.IsType<TlsSettings.OwnCertificate>(configuration.Api.Tls);
        Assert.Equal(new MetricsSettings(new ListenAddress("0.0.0.0", 2122), new TlsSettings.None()), configuration.Metrics);
        Assert.Equal(new LocalDoorSettings(8081, "/var/lib/fleethold/fleethold.sock"), configuration.LocalDoors);
        Assert.IsType<StoreSettings.Sqlite>(configuration.Storage.Store);
        Assert.Equal("/var/lib/fleethold/fleethold.db", configuration.Storage.DatabaseFile);
        Assert.Equal(("/var/lib/fleethold/store.key", true), (configuration.Keys.KeyFile, configuration.Keys.CreateKeyFile));
        Assert.Equal(new LogSettings(LogLevel.Information, LogFormat.Text), configuration.Logs);
        Assert.Equal(new AccountSettings("edd2822a-7834-4fe0-8172-cc5581f13a8d", "default"), configuration.Account);
    }

    [Fact]
    public void An_Omni_file_keeps_the_ports_of_Omni_and_its_SQLite_path_gives_the_data_directory()
    {
        var report = Reading.Yaml(Sqlite);
        var configuration = report.Valid();

        Assert.Equal(new ListenAddress("0.0.0.0", 8080), configuration.Api.Listen);
        Assert.Equal("/data/secondary", configuration.Storage.DataDirectory);
        Assert.Equal(LogFormat.Json, configuration.Logs.Format);
        Assert.Empty(report.Warnings);
    }

    [Fact]
    public void A_data_directory_of_our_own_wins_over_the_SQLite_path() =>
        Assert.Equal("/fleet", Reading.All([Sqlite], ["--data-dir=/fleet"]).Valid().Storage.DataDirectory);

    [Theory]
    [InlineData("storage: {sqlite: {path: /d/s.db}, default: {kind: boltdb, boltdb: {path: /d/omni.db}}}")]
    [InlineData("storage: {sqlite: {path: /d/s.db}, default: {kind: boltdb, etcd: {embedded: false}}}")]
    [InlineData("storage: {sqlite: {path: /d/s.db}, default: {kind: etcd, etcd: {embedded: true, embeddedDBPath: /d/etcd}}}")]
    public void Embedded_etcd_and_BoltDB_mean_SQLite(string yaml) => Assert.IsType<StoreSettings.Sqlite>(Reading.Yaml(yaml).Valid().Storage.Store);

    [Fact]
    public void An_external_etcd_is_used_below_a_prefix_of_the_account()
    {
        var store = Assert.IsType<StoreSettings.Etcd>(Reading.Yaml(
            "account: {id: a b/c}\n" + Sqlite,
            "storage: {default: {etcd: {embedded: false, endpoints: ['https://etcd:2379'], caFile: /tls/ca.crt}}}").Valid().Storage.Store);

        Assert.Equal("/fleethold/a%20b%2Fc", store.KeyPrefix);
        Assert.Equal("/tls/ca.crt", store.CaFile);
        Assert.Equal(new TlsSettings.Files("etcd/client.crt", "etcd/client.key"), store.ClientCertificate);
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)), (store.KeepAliveTime, store.KeepAliveTimeout));
    }

    [Fact]
    public void Our_own_defaults_expect_no_client_certificate_for_etcd_and_plain_text_over_the_network_warns()
    {
        var secured = Reading.Flags("--etcd-embedded=false", "--etcd-endpoints=https://etcd:2379").Valid();
        Assert.Null(Assert.IsType<StoreSettings.Etcd>(secured.Storage.Store).ClientCertificate);

        var plain = Reading.Flags("--etcd-embedded=false", "--etcd-endpoints=http://etcd:2379");
        Assert.NotNull(plain.Configuration);
        Assert.Contains(plain.Warnings, warning => warning.What == "reaches etcd over the network without TLS");
        Assert.Equal(["storage.default.etcd.endpoints"], Reading.Flags("--etcd-embedded=false", "--etcd-endpoints=etcd:2379").Keys());
        Assert.Equal(["storage.default.etcd.endpoints"], Reading.Flags("--etcd-embedded=false", "--etcd-endpoints=").Keys());
    }

    [Fact]
    public void Private_and_public_keys_become_slots()
    {
        var keys = Reading.Flags("--private-key-source=file:///keys/omni.asc", "--public-key-files=/keys/a.asc,/keys/b.asc").Valid().Keys;

        Assert.Equal("file:///keys/omni.asc", keys.PrivateKeySource);
        Assert.Null(keys.KeyFile);
        Assert.Equal(["/keys/a.asc", "/keys/b.asc"], keys.PublicKeyFiles);
    }

    [Theory]
    [InlineData("vault://secret/omni/key")]
    [InlineData("vault://@/var/run/token:/secret/omni")]
    public void A_key_may_be_in_Vault(string source)
    {
        var keys = Reading.All([], ["--private-key-source", source], ("VAULT_ADDR", "https://vault:8200"), ("VAULT_TOKEN", "t")).Valid().Keys;

        Assert.Equal(source, keys.PrivateKeySource);
        Assert.Equal(("https://vault:8200/", "t", "kubernetes"), (keys.Vault.Url!.ToString(), keys.Vault.Token!.Reveal(), keys.Vault.KubernetesMount));
    }

    [Fact]
    public void Variables_of_Vault_that_are_there_for_other_programs_do_no_harm() =>
        Assert.Null(Reading.All([], [], ("VAULT_ADDR", "no url")).Valid().Keys.Vault.Url);

    [Fact]
    public void Several_keys_are_several_slots()
    {
        var keys = Reading.Flags("--key-file=/keys/a", "--key-variable=FLEET_KEY", "--private-key-source=file:///keys/b.asc").Valid().Keys;

        Assert.Equal(("/keys/a", false, "FLEET_KEY", "file:///keys/b.asc"), (keys.KeyFile, keys.CreateKeyFile, keys.KeyVariable, keys.PrivateKeySource));
    }

    [Theory]
    [InlineData("https://fleet.example.org", "0.0.0.0:443", null, typeof(TlsSettings.None), "services.api.advertisedURL")]
    [InlineData("https://fleet.example.org", "0.0.0.0:443", "false", typeof(TlsSettings.OwnCertificate), null)]
    [InlineData("http://fleet.example.org", "0.0.0.0:8080", null, typeof(TlsSettings.OwnCertificate), "services.api.advertisedURL")]
    [InlineData("http://localhost:8080", "127.0.0.1:8080", null, typeof(TlsSettings.None), null)]
    [InlineData("http://localhost:8080", "localhost:8080", "true", typeof(TlsSettings.None), null)]
    public void An_Omni_file_without_a_certificate_serves_plain_HTTP_only_behind_TLS_or_on_loopback(
        string url, string endpoint, string? isPlain, Type tls, string? warned)
    {
        var report = Reading.Yaml(
            Sqlite + $"services: {{api: {{advertisedURL: '{url}', endpoint: '{endpoint}'}}}}\n" + (isPlain is null ? "" : $"fleethold: {{plainHTTP: {isPlain}}}"));

        Assert.IsType(tls, report.Valid().Api.Tls);
        Assert.Equal(warned is null ? [] : [warned], report.Warnings.Select(warning => warning.Key));
    }

    [Fact]
    public void Without_an_Omni_file_an_https_URL_does_not_turn_TLS_off() =>
        Assert.IsType<TlsSettings.OwnCertificate>(Reading.Flags("--advertised-api-url=https://fleet.example.org").Valid().Api.Tls);

    [Fact]
    public void Plain_HTTP_on_request_is_for_loopback_only()
    {
        var report = Reading.Flags("--plain-http", "--listen=0.0.0.0:8080");
        Assert.Equal(
            "--plain-http: fleethold.plainHTTP: would serve 0.0.0.0:8080 without TLS to the network; listen on 127.0.0.1, or remove the key to serve with TLS",
            Assert.Single(report.Problems).ToString());

        var local = Reading.Flags("--plain-http", "--listen=[::1]:8443").Valid();
        Assert.Equal("http://localhost:8443/", local.Api.AdvertisedUrl.ToString());
    }

    [Fact]
    public void A_certificate_from_files_is_used() =>
        Assert.Equal(new TlsSettings.Files("c.pem", "k.pem"), Reading.Flags("--cert=c.pem", "--key=k.pem").Valid().Api.Tls);

    [Theory]
    [InlineData("--metrics-bind-addr=0.0.0.0:443")]
    [InlineData("--local-resource-server-port=2122")]
    [InlineData("--listen=127.0.0.1:8081")]
    public void Two_listeners_on_one_port_are_a_problem(string flag) =>
        Assert.Contains("both listen on port", Assert.Single(Reading.Flags(flag).Problems).What, StringComparison.Ordinal);

    [Fact]
    public void Listeners_on_different_addresses_may_share_a_port() =>
        Reading.Flags("--listen=10.0.0.1:8081", "--metrics-bind-addr=10.0.0.2:8081").Valid();

    [Fact]
    public void A_local_resource_service_that_is_off_has_no_port() =>
        Assert.Null(Reading.Flags("--local-resource-server-enabled=false").Valid().LocalDoors.ResourcePort);

    [Fact]
    public void A_socket_path_that_the_kernel_can_not_bind_is_refused()
    {
        var folder = "/" + new string('d', 92);
        Reading.Flags("--data-dir=" + folder[..^1]).Valid();

        Assert.Equal(["fleethold.socketPath"], Reading.Flags("--data-dir=" + folder).Keys());
        Reading.Flags("--data-dir=" + folder, "--socket=/run/fleethold.sock").Valid();
    }

    [Theory]
    [InlineData("auth: {saml: {enabled: true, url: https://idp, metadata: idp.xml}}", "auth.saml.metadata", "can't be combined with auth.saml.url")]
    [InlineData("auth: {saml: {enabled: true}}", "auth.saml.enabled", "the provider's metadata is missing")]
    [InlineData("etcdBackup: {s3Enabled: true, localPath: /b}", "etcdBackup.s3Enabled", "can't be combined with etcdBackup.localPath")]
    [InlineData("registries: {factories: {primary: {username: u}}}", "registries.factories.primary.username", "needs registries.factories.primary.password too")]
    [InlineData("registries: {factories: {secondary: {password: p}}}", "registries.factories.secondary.password", "needs registries.factories.secondary.username too")]
    [InlineData("registries: {imageFactoryUsername: u}", "registries.factories.primary.username", "needs registries.factories.primary.password too")]
    [InlineData("eulaAccept: {name: n}", "eulaAccept.name", "needs eulaAccept.email too")]
    [InlineData("account: {id: ''}", "account.id", "must not be empty")]
    [InlineData("account: {name: ''}", "account.name", "must not be empty")]
    [InlineData("storage: {sqlite: {path: ''}}", "storage.sqlite.path", "must not be empty")]
    [InlineData("storage: {default: {etcd: {privateKeySource: ''}}}", "storage.default.etcd.privateKeySource", "must not be empty")]
    [InlineData("registries: {talos: ''}", "registries.talos", "must not be empty")]
    [InlineData("registries: {kubernetes: ''}", "registries.kubernetes", "must not be empty")]
    [InlineData("services: {kubernetesProxy: {advertisedURL: 'http://localhost:8095'}}", "services.kubernetesProxy.advertisedURL", "must start with https://")]
    [InlineData("services: {machineAPI: {certFile: c.pem}}", "services.machineAPI.certFile", "needs services.machineAPI.keyFile too")]
    [InlineData("services: {loadBalancer: {minPort: 40000}}", "services.loadBalancer.minPort", "services.loadBalancer.minPort is above services.loadBalancer.maxPort")]
    [InlineData("storage: {default: {etcd: {privateKeySource: 'vault://secret'}}}", "storage.default.etcd.privateKeySource", "isn't a source of a private key")]
    [InlineData("storage: {default: {etcd: {privateKeySource: 'vault://a_b/c'}}}", "storage.default.etcd.privateKeySource", "isn't a source of a private key")]
    [InlineData("storage: {default: {etcd: {privateKeySource: 'file://'}}}", "storage.default.etcd.privateKeySource", "isn't a source of a private key")]
    [InlineData("fleethold: {keyVariable: 'c2hvcnQ='}", "fleethold.keyVariable", "isn't the name of an environment variable")]
    public void Rules_between_keys_are_enforced(string yaml, string key, string what) =>
        Assert.Contains(Reading.Yaml(yaml).Problems, problem => problem.Key == key && problem.What == what);

    [Fact]
    public void Several_methods_of_sign_in_and_no_EULA_break_no_rule()
    {
        var report = Reading.Yaml(Sqlite + "auth: {oidc: {enabled: true}, auth0: {enabled: true}}");

        Assert.All(report.Problems, problem => Assert.EndsWith("isn't there yet in this version", problem.What, StringComparison.Ordinal));
        Assert.Equal(["auth.auth0.enabled", "auth.oidc.enabled"], report.Keys());
    }

    [Fact]
    public void Data_of_Omni_in_the_same_place_is_found_and_an_empty_place_is_not()
    {
        using var folder = new TemporaryFolder();
        var yaml = $"storage: {{sqlite: {{path: '{folder.PathOf("sqlite.db")}'}}, default: {{etcd: {{embeddedDBPath: '{folder.PathOf("omni-etcd")}'}}}}}}";
        var storage = Reading.Yaml(yaml).Valid().Storage;

        Directory.CreateDirectory(folder.PathOf("etcd"));
        File.WriteAllText(folder.PathOf("fleethold.db"), "ours");
        Assert.Empty(OmniData.Find(storage));

        Directory.CreateDirectory(Path.Combine(folder.PathOf("etcd"), "member"));
        Directory.CreateDirectory(Path.Combine(folder.PathOf("omni-etcd"), "member"));
        File.WriteAllText(folder.PathOf("omni.db"), "");
        File.WriteAllText(folder.PathOf("sqlite.db"), "");
        Assert.Equal(
            new[] { "etcd", "omni.db", "omni-etcd", "sqlite.db" }.Select(folder.PathOf),
            OmniData.Find(storage).Select(problem => problem.Origin));
    }

    [Fact]
    public void A_complete_Omni_file_is_refused_with_the_names_of_all_that_is_not_there_yet()
    {
        var report = Reading.Yaml(Recipes.OnPremises);

        Assert.Equal(
            [
                "services.kubernetesProxy.endpoint", "services.kubernetesProxy.advertisedURL", "services.kubernetesProxy.certFile",
                "services.kubernetesProxy.keyFile", "auth.oidc.providerURL", "auth.oidc.clientID", "auth.oidc.clientSecret",
                "auth.oidc.scopes", "auth.oidc.enabled", "auth.initialUsers", "etcdBackup.localPath",
            ],
            report.Keys());
        Assert.All(report.Problems, problem => Assert.EndsWith("isn't there yet in this version", problem.What, StringComparison.Ordinal));
    }

    [Fact]
    public void The_parts_of_an_Omni_file_that_are_there_suffice_for_a_start()
    {
        var configuration = Reading.Yaml(Recipes.BehindAProxy).Valid();

        Assert.Equal("https://omni.example.org/", configuration.Api.AdvertisedUrl.ToString());
        Assert.IsType<TlsSettings.None>(configuration.Api.Tls);
        Assert.Equal("file:///omni.asc", configuration.Keys.PrivateKeySource);
    }
}
