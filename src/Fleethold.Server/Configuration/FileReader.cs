using Fleethold.Server.Configuration.Table;
using Fleethold.Server.Configuration.Yaml;

namespace Fleethold.Server.Configuration;

/// <summary>Reads the keys of one YAML file into settings.</summary>
internal sealed class FileReader(string file, Settings settings, ProblemList problems)
{
    private const string Switches = "true True TRUE yes Yes YES on On ON y Y|false False FALSE no No NO off Off OFF n N";

    private static readonly string[] On = Switches.Split('|')[0].Split(' ');
    private static readonly string[] Off = Switches.Split('|')[1].Split(' ');

    /// <summary>Reads a file; what is wrong goes to the problems.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        if (YamlReader.Read(file, bytes, problems) is { } root)
        {
            Section("", root);
        }
    }

    private void Section(string prefix, YamlMapping mapping)
    {
        foreach (var entry in mapping.Entries)
        {
            if (problems.IsFull)
            {
                return;
            }

            var path = prefix + entry.Key.Text;
            if (KeyTable.ByPath.TryGetValue(path, out var key))
            {
                Value(key, entry.Value);
            }
            else if (!KeyTable.Sections.Contains(path))
            {
                Unknown(path, entry);
            }
            else if (entry.Value is YamlMapping section)
            {
                Section(path + ".", section);
            }
            else if (entry.Value is not YamlScalar { IsNull: true })
            {
                problems.Add(At(entry.Value), path, "must hold keys, not a value", "write its keys below it, indented");
            }
        }
    }

    private void Unknown(string path, YamlEntry entry)
    {
        var nearest = NearestKey.ToPath(path);
        problems.Add(At(entry.Key), Problem.Shown(path), "there is no such key", nearest is null ? "remove it" : $"did you mean {nearest}?");
    }

    private void Value(ConfigurationKey key, YamlNode node)
    {
        if (node is YamlScalar { IsNull: true })
        {
            return; // Omni reads a key without a value as not set.
        }

        switch (key.Type, node)
        {
            case (KeyType.List, YamlSequence sequence):
                if (sequence.Items.All(item => Item(key, item)))
                {
                    Put(key, sequence.Items.Select(item => ((YamlScalar)item).Text).ToArray(), node);
                }

                break;
            case (KeyType.Map, YamlMapping map):
                if (map.Entries.All(entry => Item(key, entry.Value)))
                {
                    Put(key, map.Entries.ToDictionary(entry => entry.Key.Text, entry => ((YamlScalar)entry.Value).Text, StringComparer.Ordinal), node);
                }

                break;
            case (not KeyType.List and not KeyType.Map, YamlScalar scalar):
                Scalar(key, scalar);
                break;
            default:
                var (what, remedy) = Wanted(key.Type);
                problems.Add(At(node), key.Path, $"must be {what}, not {Kind(node)}", remedy);
                break;
        }
    }

    private bool Item(ConfigurationKey key, YamlNode node)
    {
        if (node is YamlScalar { IsNull: false })
        {
            return true;
        }

        problems.Add(At(node), key.Path, $"must hold texts only, not {Kind(node)}", "write one text per item");
        return false;
    }

    private void Scalar(ConfigurationKey key, YamlScalar scalar)
    {
        var text = scalar.Text;
        if (key.Type is KeyType.Switch or KeyType.Integer or KeyType.Port or KeyType.Share && !scalar.IsPlain)
        {
            problems.Add(At(scalar), key.Path, $"must be {Wanted(key.Type).What}, not text in quotes", "remove the quotes");
            return;
        }

        if (key.Type == KeyType.Switch)
        {
            text = On.Contains(text) ? "true" : Off.Contains(text) ? "false" : text;
        }

        var (value, what, remedy) = ValueParser.Scalar(key, text);
        if (value is null)
        {
            problems.Add(At(scalar), key.Path, what, remedy);
        }
        else
        {
            Put(key, value, scalar);
        }
    }

    private void Put(ConfigurationKey key, object value, YamlNode node) => settings.Put(new Setting(key, value, new Origin(OriginKind.File, At(node))));

    private string At(YamlNode node) => YamlReader.Place(file, node.At);

    private static (string What, string Remedy) Wanted(KeyType type) => type switch
    {
        KeyType.List => ("a list of texts", "write one item per line, each after '- '"),
        KeyType.Map => ("a map of texts", "write 'name: text' lines below it, indented"),
        KeyType.Switch => ("true or false", "write true or false"),
        KeyType.Integer or KeyType.Port or KeyType.Share => ("a number", "write one number"),
        KeyType.Duration => ("a duration", "write a number with a unit, as in 10s or 1h30m"),
        _ => ("a text", "write one text"),
    };

    private static string Kind(YamlNode node) => node switch
    {
        YamlSequence => "a list",
        YamlMapping => "a map",
        YamlScalar { IsNull: true } => "nothing",
        _ => "a single value",
    };
}
