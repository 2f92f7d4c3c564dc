using System.Text.RegularExpressions;
using Fleethold.Server.Configuration;
using Fleethold.Server.Configuration.Table;
using Fleethold.Testing;

namespace Fleethold.Server.Tests.Configuration;

public partial class KeyTableTests
{
    public static TheoryData<string> Paths => [.. KeyTable.All.Select(key => key.Path)];

    public static TheoryData<string> Flags => [.. KeyTable.ByFlag.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void There_are_175_keys_of_Omni() => Assert.Equal(175, KeyTable.All.Count(key => key.IsOmni));

    [Fact]
    public void No_path_is_a_section_of_another() => Assert.DoesNotContain(KeyTable.All, key => KeyTable.Sections.Contains(key.Path));

    [Fact]
    public void Gates_and_replacements_are_keys()
    {
        Assert.All(KeyTable.All.Select(key => key.Gate).OfType<string>(), gate => Assert.Equal(KeyType.Switch, KeyTable.ByPath[gate].Type));
        Assert.All(KeyTable.All.Where(key => key.ReplacedBy is not null), key => Assert.Equal(key.Type, KeyTable.ByPath[key.ReplacedBy!].Type));
    }

    [Fact]
    public void Names_flags_types_and_defaults_are_those_of_the_dossier()
    {
        var dossier = Repository.PathOf("..", "shared", "reference", "deployment.md");
        Assert.SkipUnless(File.Exists(dossier), "../shared/reference is not here");
        var rows = File.ReadLines(dossier).Select(line => Row().Match(line)).Where(match => match.Success).ToList();

        Assert.Equal(
            rows.Select(row => Line(row.Groups[1].Value, Flag(row), row.Groups[3].Value, Default(row))).Order(StringComparer.Ordinal),
            KeyTable.All.Where(key => key.IsOmni).Select(key => Line(key.Path, key.Flag, OmniType(key.Type), key.Default)).Order(StringComparer.Ordinal));

        static string? Flag(Match row) => row.Groups[2].Value.Trim('`') is ['-', ..] flag ? flag : null;

        // The vendor's meeting is no default of ours.
        static string? Default(Match row) => row.Groups[4].Value.Trim().Trim('`') is { Length: > 0 } text && text != "(vendor meeting data)" ? text : null;

        static string Line(string path, string? flag, string type, string? value) => $"{path} {flag ?? "-"} {type} {value ?? "-"}";
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_key_is_accepted_at_its_default_in_YAML(string path)
    {
        var key = KeyTable.ByPath[path];
        foreach (var value in new[] { key.Default, key.OwnDefault }.OfType<string>().Append(Empty(key)).OfType<string>())
        {
            var report = Reading.All([Nested(path, value, key.Type)], path == OwnKeys.DataDirectory ? [] : ["--data-dir=/tmp/data"]);

            Assert.Empty(report.Problems.Lines());
            Assert.NotNull(report.Configuration);
        }
    }

    [Theory]
    [MemberData(nameof(Flags))]
    public void Every_flag_is_accepted_at_the_default_of_its_key(string flag)
    {
        var key = KeyTable.ByFlag[flag];
        foreach (var value in new[] { key.Default, key.OwnDefault }.OfType<string>().Append(Empty(key)).OfType<string>())
        {
            var text = key.Type == KeyType.List ? value.Trim('[', ']').Replace("\", \"", ",", StringComparison.Ordinal).Trim('"') : value;
            var joined = Reading.Flags($"{flag}={text}");
            var apart = key.Type == KeyType.Switch ? Reading.Flags($"{flag}={text}") : Reading.Flags(flag, text);

            Assert.Empty(joined.Problems.Lines());
            Assert.Empty(apart.Problems.Lines());
            Assert.Equal(key.OldFlags.Contains(flag), joined.Warnings.Any(warning => warning.What == "is an old name"));
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_key_without_a_value_is_accepted_as_not_set(string path) =>
        Assert.Empty(Reading.All([Nested(path, "", KeyType.Text)], ["--data-dir=/tmp/data"]).Problems.Lines());

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_key_refuses_a_value_of_another_shape_with_its_place(string path)
    {
        var key = KeyTable.ByPath[path];
        var wrong = key.Type is KeyType.List or KeyType.Map ? "{a: [b]}" : "[{a: b}]";

        var report = Reading.Yaml(Nested(path, wrong, KeyType.Text));

        var depth = path.Split('.').Length;
        var problem = Assert.Single(report.Problems, problem => problem.Key == path && problem.Origin.StartsWith($"a.yaml:{depth}:", StringComparison.Ordinal));
        Assert.StartsWith("must ", problem.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_stand_in_no_message_and_in_no_text_of_the_configuration()
    {
        const string planted = "planted-secret-value";
        foreach (var key in KeyTable.All.Where(key => key.IsSecret))
        {
            var report = Reading.All([Nested(key.Path, $"'{planted}'", KeyType.Text), Nested(key.Path, $"['{planted}']", KeyType.Text)], []);

            Assert.DoesNotContain(report.Problems.Concat(report.Warnings), problem => problem.ToString().Contains(planted, StringComparison.Ordinal));
        }

        var configuration = Reading.All([], [], ("VAULT_TOKEN", planted)).Valid();
        Assert.Equal(planted, configuration.Keys.Vault.Token!.Reveal());
        Assert.Contains("(secret)", configuration.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(planted, configuration.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_keys_is_up_to_date()
    {
        var file = Repository.PathOf("docs", "operations", "configuration.md");
        if (Environment.GetEnvironmentVariable("FLEETHOLD_UPDATE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, ConfigurationHelp.Page());
        }

        Assert.True(File.ReadAllText(file) == ConfigurationHelp.Page(), "docs/operations/configuration.md is stale: run this test with FLEETHOLD_UPDATE=1");
    }

    [Fact]
    public void Help_lists_the_flags_that_work_and_no_others()
    {
        var help = ConfigurationHelp.Flags();

        Assert.Contains("--bind-addr, --listen ADDRESS\n", help, StringComparison.Ordinal);
        Assert.Contains("(0.0.0.0:443)", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--auth-oidc-enabled", help, StringComparison.Ordinal);
    }

    /// <summary>A YAML file that sets one key.</summary>
    private static string Nested(string path, string value, KeyType type)
    {
        var parts = path.Split('.');
        var text = type is KeyType.Text or KeyType.Endpoint && value.Length > 0 && value[0] is not ('[' or '{' or '\'') ? $"'{value}'" : value;
        return string.Concat(parts.Select((part, depth) => new string(' ', 2 * depth) + part + ":" + (depth < parts.Length - 1 ? "\n" : $" {text}\n")));
    }

    // The way to write "nothing" for a key without a default.
    private static string? Empty(ConfigurationKey key) => (key.Default ?? key.OwnDefault) is not null || key.MustNotBeEmpty ? null : key.Type switch
    {
        KeyType.Switch => "false",
        KeyType.Integer => "0",
        KeyType.List => "[]",
        KeyType.Map => "",
        KeyType.Port or KeyType.Duration or KeyType.Share => null,
        _ => "",
    };

    private static string OmniType(KeyType type) => type switch
    {
        KeyType.Switch => "boolean",
        KeyType.Integer or KeyType.Port => "integer",
        KeyType.Share => "number",
        KeyType.List => "array",
        KeyType.Map => "object",
        _ => "string",
    };

    [GeneratedRegex(@"^\| `([a-zA-Z0-9.]+)` \| (`--[^`]+`|\(YAML only\)) \| (\w+) \| ([^|]*)\| .* \|$")]
    private static partial Regex Row();
}
