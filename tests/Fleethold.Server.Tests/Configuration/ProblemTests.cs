using System.Diagnostics;
using System.Text;
using Fleethold.Server.Configuration;
using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Tests.Configuration;

public class ProblemTests
{
    [Fact]
    public void Everything_that_is_wrong_is_reported_at_once_with_place_key_and_remedy()
    {
        const string first = """
            acount:
              name: a
            account:
              name: ""
              nmae: b
            services:
              api:
                endpoint: example.org
                advertisedURL: ftp://x
                certFile: c.pem
              localResourceService:
                enabled: "true"
                port: 70000
              metrics: [1]
            logs:
              level: loud
            """;
        const string second = """
            storage:
              default:
                etcd:
                  dialKeepAliveTime: 10
                  endpoints: https://a:2379
                  privateKeySource: omni.asc
            etcdBackup:
              localPath: /backups
              s3Enabled: yes
            api:
              endpoint: x
            """;

        var report = Reading.All([first, second], ["--audit-log-dir=/x", "--log-format", "xml", "--nonsense-at-all"]);

        Assert.Equal(
            [
                "--audit-log-dir: was removed in Omni 1.6; remove it: the audit log is kept in the data directory",
                "--nonsense-at-all: there is no such flag; --help lists all",
                "--log-format: logs.format: 'xml' isn't one of the allowed values; use one of text, json",
                "a.yaml:1:1: acount: there is no such key; did you mean account?",
                "a.yaml:4:9: account.name: must not be empty; give a value or remove the key",
                "a.yaml:5:3: account.nmae: there is no such key; did you mean account.name?",
                "a.yaml:8:15: services.api.endpoint: 'example.org' isn't an address to listen on; write ip:port, localhost:port or :port for all addresses",
                "a.yaml:9:20: services.api.advertisedURL: 'ftp://x' isn't an http or https URL; write it with scheme and host, without user and password",
                "a.yaml:12:14: services.localResourceService.enabled: must be true or false, not text in quotes; remove the quotes",
                "a.yaml:13:11: services.localResourceService.port: '70000' isn't a port; write a number from 1 to 65535",
                "a.yaml:14:12: services.metrics: must hold keys, not a value; write its keys below it, indented",
                "a.yaml:16:10: logs.level: 'loud' isn't one of the allowed values; use one of debug, info, warn, error",
                "b.yaml:4:26: storage.default.etcd.dialKeepAliveTime: '10' isn't a duration; write a number with a unit, as in 10s or 1h30m",
                "b.yaml:5:18: storage.default.etcd.endpoints: must be a list of texts, not a single value; write one item per line, each after '- '",
                "b.yaml:10:1: api: there is no such key; did you mean services.api?",
                "b.yaml:8:14: etcdBackup.localPath: backup of clusters isn't there yet in this version; remove the key",
                "b.yaml:9:14: etcdBackup.s3Enabled: backup of clusters isn't there yet in this version; remove the key or set it to false",
                "a.yaml:10:15: services.api.certFile: needs services.api.keyFile too; set both or none of them",
                "b.yaml:9:14: etcdBackup.s3Enabled: can't be combined with etcdBackup.localPath; keep one of them",
                "b.yaml:6:25: storage.default.etcd.privateKeySource: isn't a source of a private key; write file:///path, vault://mount/path or vault://@/path/to/token:/mount/path (letters, digits, - and /)",
                "storage.sqlite.path: is missing, so there is no place for data; set it, or fleethold.dataDirectory (--data-dir), to a place that outlives the container",
            ],
            report.Problems.Lines());
        Assert.Null(report.Configuration);
    }

    [Theory]
    [InlineData("account: [", "a.yaml:2:1")]
    [InlineData("account:\n\tname: x", "a.yaml:2:1")]
    [InlineData("account:\n  name: x\n\tid: c\n", "a.yaml:3:1")]
    [InlineData("account: {name: 'x", "a.yaml:1:17")]
    [InlineData("a: b: c", "a.yaml:1:5")]
    [InlineData("- account", "a.yaml:1:1")]
    [InlineData("account", "a.yaml:1:1")]
    [InlineData("account: {name: a}\n---\naccount: {name: b}\n", "a.yaml:2:1")]
    [InlineData("account: *unknown", "a.yaml:1:10")]
    [InlineData("account: &a {name: *a}", "a.yaml:1:20")]
    [InlineData("account: {name: a, name: b}", "a.yaml:1:20")]
    [InlineData("? [a]\n: b", "a.yaml:1:1")]
    [InlineData("account: {<<: 1}", "a.yaml:1:15")]
    public void Bad_YAML_is_reported_with_its_place(string yaml, string place)
    {
        var report = Reading.All([yaml], ["--data-dir=/tmp/data"]);

        Assert.Equal(place, Assert.Single(report.Problems).Origin);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("---\n---\n")]
    [InlineData("\uFEFFfleethold: {dataDirectory: /data}\n---\n")]
    [InlineData("account:\nservices: ~\n")]
    public void An_empty_file_or_section_or_trailing_document_is_no_problem(string yaml) => Reading.Yaml(yaml).Valid();

    [Fact]
    public void Anchors_aliases_and_merge_keys_work()
    {
        var configuration = Reading.Yaml(
            """
            storage:
              sqlite: {path: /data/sqlite.db}
              default:
                etcd:
                  dialKeepAliveTime: &time 45s
                  dialKeepAliveTimeout: *time
                  embedded: false
                  endpoints: ["https://a:2379"]
            services:
              metrics: &tls {certFile: c.pem, keyFile: k.pem}
              api: {<<: *tls, certFile: own.pem}
            """).Valid();

        Assert.Equal(new TlsSettings.Files("own.pem", "k.pem"), configuration.Api.Tls);
        Assert.Equal(new TlsSettings.Files("c.pem", "k.pem"), configuration.Metrics.Tls);
        Assert.Equal(TimeSpan.FromSeconds(45), Assert.IsType<StoreSettings.Etcd>(configuration.Storage.Store).KeepAliveTimeout);
    }

    [Fact]
    public void What_is_not_UTF_8_is_refused()
    {
        var report = ConfigurationReader.ReadYaml(new byte[] { 0x61, 0xFF, 0x3A });

        Assert.Equal("input.yaml: isn't UTF-8 text; save it as UTF-8", Assert.Single(report.Problems).ToString());
    }

    public static TheoryData<string> Bombs =>
    [
        new string('[', 500_000),
        string.Concat(Enumerable.Repeat("a: {", 100_000)),
        string.Concat(Enumerable.Repeat("- ", 500_000)),
        string.Concat(Enumerable.Repeat("? ", 500_000)),
        "account: [" + string.Concat(Enumerable.Repeat("a, ", 300_000)) + "]",
        string.Concat(Enumerable.Range(0, 60_000).Select(i => $"key{i}: v\n")),
        "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n")),
        "auth:\n  initialUsers:\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"    - &b{i} {(i == 0 ? "[x]" : $"[*b{i - 1}, *b{i - 1}]")}\n")),
        "x: &x {" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"k{i}: v, ")) + "}\n" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"m{i}: {{<<: *x}}\n")),
        "\"" + new string('\n', 1_000_000) + "\"",
        string.Concat(Enumerable.Range(0, 40_000).Select(i => $"acount{i % 7}{i}: v\n")),
    ];

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_file_made_to_cost_much_is_refused_in_bounded_time_and_memory(string yaml)
    {
        var content = Encoding.UTF8.GetBytes(yaml);
        Assert.True(content.Length <= 1 << 20, "the file itself is within the limit");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();

        var report = ConfigurationReader.ReadYaml(content);

        Assert.NotEmpty(report.Problems);
        Assert.True(report.Problems.Count <= 1001, $"{report.Problems.Count} problems");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 600_000_000, $"{GC.GetAllocatedBytesForCurrentThread() - before} bytes allocated");
    }

    [Fact]
    public void No_mutation_of_a_configuration_file_makes_the_reader_throw()
    {
        const int seed = 20260821;
        var random = new Random(seed);
        byte[][] corpus = [Encoding.UTF8.GetBytes(Recipes.OnPremises), Encoding.UTF8.GetBytes(Recipes.BehindAProxy)];
        const string pieces = "{}[]:,&*!|>'\"%@`#?-\t\n\0~<< é\u2028";

        for (var i = 0; i < 3_000; i++)
        {
            var content = corpus[random.Next(corpus.Length)].ToList();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(content.Count);
                switch (random.Next(4))
                {
                    case 0:
                        content.RemoveRange(at, Math.Min(random.Next(1, 40), content.Count - at - 1));
                        break;
                    case 1:
                        content[at] = (byte)random.Next(256);
                        break;
                    case 2:
                        content.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)].ToString()));
                        break;
                    default:
                        content.InsertRange(at, content.GetRange(random.Next(content.Count / 2), random.Next(content.Count / 2)));
                        break;
                }
            }

            var report = ConfigurationReader.ReadYaml(content.ToArray());

            Assert.True(report.IsValid == report.Configuration is not null, $"round {i} from seed {seed}");
        }
    }

    [Fact]
    public void Control_characters_and_long_texts_of_others_do_not_reach_the_terminal()
    {
        var report = Reading.Yaml("\"a\\e[31m" + new string('x', 500) + "\": 1", "account: {name: a}\nlogs: {level: \"\\r\\nfake\"}");

        Assert.All(report.Problems.Lines(), line =>
        {
            Assert.DoesNotContain(line, char.IsControl);
            Assert.True(line.Length < 400, line);
        });
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("10s", 10_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData(".5s", 500)]
    [InlineData("1.s", 1000)]
    [InlineData("+250ms", 250)]
    [InlineData("2m0s", 120_000)]
    [InlineData("1000us", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("3000000ns", 3)]
    [InlineData("-1s", -1000)]
    [InlineData("720h0m0s", 2_592_000_000)]
    public void Durations_have_the_syntax_of_Go(string text, long milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.Value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1d")]
    [InlineData("1 s")]
    [InlineData("1s ")]
    [InlineData("1..5s")]
    [InlineData("1,5s")]
    [InlineData("١s")]
    [InlineData("3000000h")]
    [InlineData("99999999999999999999999999999999s")]
    public void What_is_no_duration_in_Go_is_none_here(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData("10", true)]
    [InlineData("1_000", true)]
    [InlineData("0x10", true)]
    [InlineData("0b11", true)]
    [InlineData("-1", false)]
    [InlineData("1.5", false)]
    [InlineData("1e3", false)]
    [InlineData("'10'", false)]
    [InlineData("99999999999999999999", false)]
    public void Whole_numbers_are_those_of_YAML(string text, bool isNumber) =>
        Assert.Equal(isNumber, Reading.Yaml($"storage: {{sqlite: {{path: /d/s.db, poolSize: {text}}}}}").IsValid);

    [Fact]
    public void A_missing_value_of_a_flag_is_reported()
    {
        Assert.Equal(
            ["--config-path: needs a value; write --config-path=FILE", "--data-dir: fleethold.dataDirectory: needs a value; write --data-dir=VALUE"],
            Reading.Flags("--config-path=", "--data-dir").Problems.Lines());
    }

    [Theory]
    [InlineData("services.api.endpint", "services.api.endpoint")]
    [InlineData("services.api.advertisedUrl", "services.api.advertisedURL")]
    [InlineData("services.siderolink.wireguard", "services.siderolink.wireGuard")]
    [InlineData("auth.oidc.client_id", "auth.oidc.clientID")]
    [InlineData("service", "services")]
    [InlineData("privateKeySource", "storage.default.etcd.privateKeySource")]
    [InlineData("completely.different", null)]
    public void The_nearest_known_key_is_suggested(string path, string? nearest) => Assert.Equal(nearest, NearestKey.ToPath(path));

    [Fact]
    public void Every_key_with_one_letter_missing_is_recognised() =>
        Assert.All(KeyTable.All, key => Assert.NotNull(NearestKey.ToPath(key.Path[..^1])));
}
