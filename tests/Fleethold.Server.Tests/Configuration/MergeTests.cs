using Fleethold.Server.Configuration;
using Fleethold.Server.Configuration.Table;
using Fleethold.Testing;
using Microsoft.Extensions.Logging;

namespace Fleethold.Server.Tests.Configuration;

public class MergeTests
{
    private const string Sqlite = "storage: {sqlite: {path: /data/sqlite.db}}\n";

    [Fact]
    public void Later_files_flags_and_variables_win_in_this_order()
    {
        string[] files = ["fleethold: {dataDirectory: /first}", "fleethold: {dataDirectory: /second}"];

        Assert.Equal("/var/lib/fleethold", Reading.Yaml().Valid().Storage.DataDirectory);
        Assert.Equal("/second", Reading.Yaml(files).Valid().Storage.DataDirectory);
        Assert.Equal("/flag", Reading.All(files, ["--data-dir=/flag"]).Valid().Storage.DataDirectory);
        Assert.Equal("/variable", Reading.All(files, ["--data-dir=/flag"], ("FLEETHOLD_DATA_DIR", "/variable")).Valid().Storage.DataDirectory);
    }

    [Fact]
    public void Maps_are_merged_deeply_and_lists_replaced()
    {
        var report = Reading.Yaml(
            Sqlite + "account: {name: one}\nstorage2:",
            "account: {id: two}");
        Assert.Equal(["storage2"], report.Keys());

        var merged = Reading.Yaml(
            Sqlite + "account: {name: one}",
            "account: {id: two}\nstorage: {default: {etcd: {embedded: false, endpoints: [https://a:2379, https://b:2379]}}}",
            "storage: {default: {etcd: {endpoints: ['https://c:2379']}}}").Valid();
        Assert.Equal(new AccountSettings("two", "one"), merged.Account);
        Assert.Equal(["https://c:2379/"], Assert.IsType<StoreSettings.Etcd>(merged.Storage.Store).Endpoints.Select(uri => uri.ToString()));
    }

    [Fact]
    public void Flags_of_lists_add_up_and_replace_what_files_say()
    {
        var store = Reading.All(
            [Sqlite + "services: {metrics: {endpoint: 0.0.0.0:2122}}"],
            ["--etcd-embedded=false", "--etcd-endpoints=https://a:2379,https://b:2379", "--etcd-endpoints", "https://c:2379"]).Valid().Storage.Store;

        Assert.Equal(["a", "b", "c"], Assert.IsType<StoreSettings.Etcd>(store).Endpoints.Select(uri => uri.Host));
    }

    [Fact]
    public void A_switch_takes_no_separate_value_and_the_last_of_several_flags_wins()
    {
        var report = Reading.Flags("--plain-http", "operand", "--listen=127.0.0.1:1", "--bind-addr", "127.0.0.1:2");

        Assert.Equal(new ListenAddress("127.0.0.1", 2), report.Valid().Api.Listen);
        Assert.Equal(["operand"], report.Operands);
        Assert.IsType<TlsSettings.None>(report.Configuration!.Api.Tls);
    }

    [Fact]
    public void An_old_flag_gives_way_to_the_present_one_wherever_it_stands()
    {
        var report = Reading.Flags("--machine-api-cert=new", "--siderolink-api-cert=old");

        Assert.Equal("--machine-api-cert", report.Problems[0].Origin);
        Assert.Contains("--siderolink-api-cert: services.machineAPI.certFile: is an old name; use --machine-api-cert", report.Warnings.Lines());
        Assert.Empty(Reading.Flags("--embedded-discovery-service-endpoint=:8093").Problems);
        Assert.Equal(["services.embeddedDiscoveryService.port"], Reading.Flags("--embedded-discovery-service-endpoint=:8094").Keys());
    }

    [Fact]
    public void The_old_debug_flag_means_a_log_level()
    {
        Assert.Equal(LogLevel.Debug, Reading.Flags("--debug").Valid().Logs.Level);
        Assert.Equal(LogLevel.Error, Reading.Flags("--log-level=error", "--debug").Valid().Logs.Level);
        Assert.Contains("--debug: is deprecated; use --log-level=debug", Reading.Flags("--debug").Warnings.Lines());
    }

    [Fact]
    public void Deprecated_keys_give_their_value_to_their_successor()
    {
        var report = Reading.Yaml(Sqlite + "registries: {imageFactoryBaseURL: https://factory.example.org}\nauth: {auth0: {initialUsers: [a@example.org]}}");

        Assert.Equal(["auth.initialUsers", "registries.factories.primary.url"], report.Keys());
        Assert.Contains("a.yaml:2:35: registries.imageFactoryBaseURL: is deprecated; use registries.factories.primary.url", report.Warnings.Lines());
    }

    [Fact]
    public void Only_a_file_with_a_key_of_Omni_brings_the_defaults_of_Omni()
    {
        Assert.Equal(443, Reading.Yaml("fleethold: {dataDirectory: /data}").Valid().Api.Listen.Port);
        Assert.Equal(443, Reading.Flags("--name=fleet").Valid().Api.Listen.Port);
        Assert.Equal(8080, Reading.Yaml(Sqlite).Valid().Api.Listen.Port);
        Assert.Equal(8080, Reading.Flags("--defaults=omni", "--data-dir=/data").Valid().Api.Listen.Port);
        Assert.Equal(443, Reading.Yaml(Sqlite + "fleethold: {defaults: fleethold}").Valid().Api.Listen.Port);
        Assert.Equal(Defaults.Omni, Reading.Yaml(Sqlite).Valid().Defaults);
    }

    [Fact]
    public void Files_are_read_from_disk_in_the_order_of_the_flags_and_missing_ones_reported_with_the_rest()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("a.yaml"), "fleethold: {dataDirectory: /a}");
        File.WriteAllText(folder.PathOf("b.yaml"), "fleethold: {dataDirectory: /b}");
        File.WriteAllText(folder.PathOf("bad.yaml"), "acount: {}");
        File.WriteAllBytes(folder.PathOf("big.yaml"), new byte[(1 << 20) + 1]);

        var good = ConfigurationReader.Load(["--config-path", folder.PathOf("a.yaml"), $"--config-path={folder.PathOf("b.yaml")}"], _ => null);
        Assert.Equal("/b", good.Valid().Storage.DataDirectory);

        var bad = ConfigurationReader.Check(
            [folder.PathOf("missing.yaml"), folder.PathOf("bad.yaml"), folder.PathOf("big.yaml"), folder.Path, "--lisen=x"], _ => null);
        Assert.Equal(
            [
                "--lisen: there is no such flag; did you mean --listen?",
                $"{folder.PathOf("missing.yaml")}: can't be read: there is no such file; check the name and its permissions",
                $"{folder.Path}: can't be read: no permission, or it is a folder; check the name and its permissions",
                $"{folder.PathOf("bad.yaml")}:1:1: acount: there is no such key; did you mean account?",
                $"{folder.PathOf("big.yaml")}: has 1048577 bytes, more than the 1048576 allowed; split it or remove what isn't configuration",
            ],
            bad.Problems.Lines());
        Assert.Equal("the configuration can't be used: 5 problems, 0 warnings", bad.Lines().Last());
    }
}
