using System.Text;
using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>The flags of <c>fleethold serve</c> for <c>--help</c>, and the page docs/operations/configuration.md, both from the table.</summary>
internal static class ConfigurationHelp
{
    /// <summary>The flags, grouped by section. Flags of features that aren't there yet are left out, as they would be refused.</summary>
    public static string Flags()
    {
        var text = new StringBuilder("  --config-path FILE\n      YAML file to read; repeat it to merge several, later over earlier\n");
        foreach (var key in KeyTable.All.Where(key => key.Flag is not null && !key.IsHidden && key.Feature.IsThere && key.Asks == Asks.WhenChanged))
        {
            text.Append("  ").AppendJoin(", ", [key.Flag, .. key.OtherFlags]).Append(Placeholder(key)).Append('\n')
                .Append("      ").Append(key.Meaning);
            if (key.DefaultOf(Defaults.Fleethold) is { Length: > 0 } value)
            {
                text.Append(" (").Append(value).Append(')');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The page of all keys, in Markdown.</summary>
    public static string Page()
    {
        var text = new StringBuilder(
            """
            # Configuration

            This page is made from the table of keys in `src/Fleethold.Server/Configuration/Table`. Change it there, then run the test
            `The_page_of_keys_is_up_to_date` with `FLEETHOLD_UPDATE=1`.

            Values come from, each over the one before: defaults, the files of `--config-path` in order (maps are merged, lists replaced),
            flags, environment variables. Durations are written as in Go: `10s`, `1h30m`. Everything that is wrong is reported at once;
            `fleethold config check [FILE...]` does so without starting anything.

            A file that sets any key of Omni's keeps Omni's defaults for keys that it doesn't set, so that machines installed before still find
            their ports; without such a file Fleethold's own defaults hold. `fleethold.defaults` chooses by hand.

            - An embedded etcd and BoltDB mean SQLite in the folder of `storage.sqlite.path`, or in `fleethold.dataDirectory` where that is set.
              Data of Omni that is found there stops the start.
            - An external etcd is used below `/fleethold/<account.id>`, in Fleethold's own layout.
            - Without a certificate the main listener makes its own. It serves plain HTTP only on loopback on request (`fleethold.plainHTTP`), and
              on any address, with a warning, when Omni's defaults hold, `services.api.advertisedURL` is `https://` and there is no certificate:
              TLS then ends in front of it. `fleethold.plainHTTP: false` turns that off.
            - Omni's rule of one method of sign-in and its demand for an accepted EULA are dropped.
            - A key whose feature isn't there yet may stand at its default; a value that asks for the feature is refused by name.

            In the tables "not yet" marks keys of features that aren't there yet and "never" those that won't come.

            """);
        foreach (var section in KeyTable.All.GroupBy(key => key.Path.Split('.')[0]))
        {
            text.Append("\n## `").Append(section.Key).Append("`\n\n| Key | Flag | Value | Default | Meaning |\n|---|---|---|---|---|\n");
            foreach (var key in section)
            {
                text.Append("| `").Append(key.Path).Append("` | ").Append(FlagCell(key)).Append(" | ").Append(TypeCell(key)).Append(" | ")
                    .Append(DefaultCell(key)).Append(" | ").Append(MeaningCell(key)).Append(" |\n");
            }
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string Placeholder(ConfigurationKey key) => key switch
    {
        { Type: KeyType.Switch } => "",
        { Values.Count: > 0 } => " " + string.Join('|', key.Values),
        { Type: KeyType.Path } => " PATH",
        { Type: KeyType.Endpoint or KeyType.IpEndpoint } => " ADDRESS",
        { Type: KeyType.Url } => " URL",
        { Type: KeyType.Duration } => " DURATION",
        { Type: KeyType.Integer or KeyType.Port or KeyType.Share } => " NUMBER",
        { Type: KeyType.List } => " ITEM,...",
        { Type: KeyType.Map } => " NAME=TEXT,...",
        _ => " TEXT",
    };

    private static string FlagCell(ConfigurationKey key) =>
        key.Flag is null ? "" : string.Join(", ", key.OtherFlags.Prepend(key.Flag).Select(flag => $"`{flag}`"))
            + string.Concat(key.OldFlags.Select(flag => $", old `{flag}`"));

    private static string TypeCell(ConfigurationKey key) => key.Values.Count > 0
        ? string.Join(", ", key.Values.Select(value => $"`{value}`"))
        : key.Type switch
        {
            KeyType.IpEndpoint => "ip:port",
            KeyType.Endpoint => "address",
            KeyType.Url => "URL",
            KeyType.Share => "0 to 1",
            var type => type.ToString().ToLowerInvariant(),
        };

    private static string DefaultCell(ConfigurationKey key)
    {
        var omni = key.Default is null ? "" : $"`{key.Default}`";
        return key.OwnDefault is null ? omni : $"{(key.OwnDefault.Length == 0 ? "none" : $"`{key.OwnDefault}`")}{(omni.Length == 0 ? "" : $"; Omni {omni}")}";
    }

    private static string MeaningCell(ConfigurationKey key)
    {
        var text = new StringBuilder(key.Meaning.Replace("|", "\\|", StringComparison.Ordinal));
        if (key.Variable is not null)
        {
            text.Append("; environment variable `").Append(key.Variable).Append('`');
        }

        if (!key.Feature.IsThere && key.Asks == Asks.WhenChanged)
        {
            text.Append(key.Feature.Instead is null ? $" (not yet: {key.Feature.Name})" : " (never)");
        }

        return text.ToString();
    }
}
