using System.Globalization;
using System.Text;
using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>The command line after the name of the command.</summary>
/// <param name="Settings">Values of flags, the ones that hold when given several times.</param>
/// <param name="Files">The configuration files of <c>--config-path</c>, in order.</param>
/// <param name="Operands">What isn't a flag.</param>
/// <param name="WantsHelp"><c>--help</c> or <c>-h</c> was there.</param>
internal sealed record CommandLine(IReadOnlyList<Setting> Settings, IReadOnlyList<string> Files, IReadOnlyList<string> Operands, bool WantsHelp);

/// <summary>Reads flags by the table: <c>--flag=value</c>, <c>--flag value</c>, <c>--flag</c> for a switch; lists and maps add up.</summary>
internal sealed class FlagReader
{
    private const string ConfigPath = "--config-path";

    private readonly ProblemList _problems;
    private readonly ProblemList _warnings;
    private readonly List<(ConfigurationKey Key, string Flag, string Value)> _given = [];
    private readonly List<string> _files = [];
    private readonly List<string> _operands = [];
    private bool _wantsHelp;

    private FlagReader(ProblemList problems, ProblemList warnings) => (_problems, _warnings) = (problems, warnings);

    /// <summary>Reads a command line.</summary>
    public static CommandLine Read(IReadOnlyList<string> arguments, ProblemList problems, ProblemList warnings)
    {
        var reader = new FlagReader(problems, warnings);
        reader.Split(arguments);
        return new CommandLine(reader.Settings(), reader._files, reader._operands, reader._wantsHelp);
    }

    private void Split(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "--")
            {
                _operands.AddRange(arguments.Skip(i + 1));
                return;
            }

            if (argument is "-h" or "--help")
            {
                _wantsHelp = true;
            }
            else if (argument is not ['-', _, ..])
            {
                _operands.Add(argument);
            }
            else
            {
                var equals = argument.IndexOf('=');
                var flag = equals < 0 ? argument : argument[..equals];
                var value = equals < 0 ? null : argument[(equals + 1)..];
                Flag(flag, value, () => i + 1 < arguments.Count ? arguments[++i] : null);
            }
        }
    }

    private void Flag(string flag, string? value, Func<string?> next)
    {
        if (flag == ConfigPath)
        {
            if ((value ?? next()) is { Length: > 0 } file)
            {
                _files.Add(file);
            }
            else
            {
                _problems.Add(flag, null, "needs a value", $"write {flag}=FILE");
            }
        }
        else if (flag == "--debug")
        {
            _warnings.Add(flag, null, "is deprecated", "use --log-level=debug");
            if (value is null or "true")
            {
                _given.Insert(0, (KeyTable.ByPath["logs.level"], flag, "debug"));
            }
        }
        else if (KeyTable.RemovedFlags.TryGetValue(flag, out var instead))
        {
            _ = value ?? (flag.EndsWith("-enabled", StringComparison.Ordinal) ? "" : next());
            _problems.Add(flag, null, "was removed in Omni 1.6", $"remove it: {instead}");
        }
        else if (!KeyTable.ByFlag.TryGetValue(flag, out var key))
        {
            var nearest = NearestKey.ToFlag(flag);
            _problems.Add(Problem.Shown(flag), null, "there is no such flag", nearest is null ? "--help lists all" : $"did you mean {nearest}?");
        }
        else
        {
            value ??= key.Type == KeyType.Switch ? "true" : next();
            if (value is null)
            {
                _problems.Add(flag, key.Path, "needs a value", $"write {flag}=VALUE");
                return;
            }

            _given.Add((key, flag, value));
            if (key.OldFlags.Contains(flag))
            {
                _warnings.Add(flag, key.Path, "is an old name", $"use {key.Flag}");
            }
        }
    }

    private List<Setting> Settings() =>
        _given.GroupBy(given => given.Key).Select(group => Value(group.Key, [.. group])).OfType<Setting>().ToList();

    private Setting? Value(ConfigurationKey key, IReadOnlyList<(ConfigurationKey Key, string Flag, string Value)> given)
    {
        // As in Omni, old names are read first, so that the present name wins wherever it stands.
        var ordered = given.OrderBy(one => key.OldFlags.Contains(one.Flag) ? 0 : 1).ToList();
        var origin = new Origin(OriginKind.Flag, ordered[^1].Flag);
        switch (key.Type)
        {
            case KeyType.List:
                return new Setting(key, ordered.SelectMany(one => Items(one.Value)).ToArray(), origin);
            case KeyType.Map:
                return Map(key, ordered.SelectMany(one => Items(one.Value)), origin);
            default:
                object? last = null;
                foreach (var (_, flag, text) in ordered)
                {
                    var (value, what, remedy) = ValueParser.Scalar(key, Normalized(key, flag, text));
                    if (value is null)
                    {
                        _problems.Add(flag, key.Path, what, remedy);
                    }

                    last = value;
                }

                return last is null ? null : new Setting(key, last, origin);
        }
    }

    private Setting? Map(ConfigurationKey key, IEnumerable<string> items, Origin origin)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item.Split('=', 2) is not [{ Length: > 0 } name, var value])
            {
                _problems.Add(origin.Text, key.Path, $"{ValueParser.Quoted(key, item)} isn't name=text", "write name=text, several with commas between");
                return null;
            }

            map[name] = value;
        }

        return new Setting(key, map, origin);
    }

    // The old name took an endpoint of which only the port counts.
    private static string Normalized(ConfigurationKey key, string flag, string text) => key.Type switch
    {
        KeyType.Switch when text is "1" or "t" or "T" or "True" or "TRUE" => "true",
        KeyType.Switch when text is "0" or "f" or "F" or "False" or "FALSE" => "false",
        KeyType.Port when key.OldFlags.Contains(flag) && ListenAddress.TryParse(text, out var address) => address.Port.ToString(CultureInfo.InvariantCulture),
        _ => text,
    };

    // Items are separated by commas; one in double quotes may contain commas.
    private static IEnumerable<string> Items(string text)
    {
        if (text.Length == 0)
        {
            yield break;
        }

        var item = new StringBuilder();
        var isQuoted = false;
        foreach (var c in text)
        {
            if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (c == ',' && !isQuoted)
            {
                yield return item.ToString();
                item.Clear();
            }
            else
            {
                item.Append(c);
            }
        }

        yield return item.ToString();
    }
}
