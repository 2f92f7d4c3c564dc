using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>What kind of place a value came from.</summary>
internal enum OriginKind
{
    /// <summary>A YAML file.</summary>
    File,

    /// <summary>A flag.</summary>
    Flag,

    /// <summary>An environment variable.</summary>
    Variable,
}

/// <summary>Where a value came from, for messages.</summary>
internal sealed record Origin(OriginKind Kind, string Text);

/// <summary>A value that somebody set.</summary>
internal sealed record Setting(ConfigurationKey Key, object Value, Origin Origin);

/// <summary>All values that somebody set, later sources over earlier ones, and the defaults behind them.</summary>
internal sealed class Settings
{
    private readonly Dictionary<string, Setting> _settings = new(StringComparer.Ordinal);

    /// <summary>Whose defaults hold.</summary>
    public Defaults Defaults =>
        Find(OwnKeys.Defaults)?.Value switch
        {
            "omni" => Defaults.Omni,
            "fleethold" => Defaults.Fleethold,
            _ => _settings.Values.Any(setting => setting.Key.IsOmni && setting.Origin.Kind == OriginKind.File) ? Defaults.Omni : Defaults.Fleethold,
        };

    /// <summary>The values that were set, in the order of the table.</summary>
    public IEnumerable<Setting> Set => KeyTable.All.Select(key => Find(key.Path)).OfType<Setting>();

    /// <summary>Sets a value over an earlier one; maps are merged, lists replaced.</summary>
    public void Put(Setting setting)
    {
        if (setting.Value is IReadOnlyDictionary<string, string> map && Find(setting.Key.Path)?.Value is IReadOnlyDictionary<string, string> earlier)
        {
            var merged = new Dictionary<string, string>(earlier, StringComparer.Ordinal);
            foreach (var (key, value) in map)
            {
                merged[key] = value;
            }

            setting = setting with { Value = merged };
        }

        _settings[setting.Key.Path] = setting;
    }

    /// <summary>Forgets a value.</summary>
    public void Remove(string path) => _settings.Remove(path);

    /// <summary>The value that was set; null when none was.</summary>
    public Setting? Find(string path) => _settings.GetValueOrDefault(path);

    /// <summary>Where a value was set, for messages; empty when it wasn't.</summary>
    public string Origin(string path) => Find(path)?.Origin.Text ?? "";

    /// <summary>The value that holds: the one set or the default; null when there is neither.</summary>
    public object? Value(string path) => Find(path)?.Value ?? ValueParser.Default(KeyTable.ByPath[path], Defaults);

    /// <summary>A text that holds; null for an empty one.</summary>
    public string? Text(string path) => Value(path) is string { Length: > 0 } text ? text : null;

    /// <summary>A switch that holds.</summary>
    public bool IsOn(string path) => Value(path) is true;

    /// <summary>A port that holds.</summary>
    public int Port(string path) => (int)(long)Value(path)!;

    /// <summary>A list that holds.</summary>
    public IReadOnlyList<string> List(string path) => Value(path) as IReadOnlyList<string> ?? [];

    /// <summary>A duration that holds.</summary>
    public TimeSpan Duration(string path) => (TimeSpan)Value(path)!;
}
