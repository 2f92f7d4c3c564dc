using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>Refuses, by name, values that ask for a feature that isn't there, and warns of values that have no effect.</summary>
internal static class UnavailableFeatures
{
    /// <summary>Looks at every value that was set.</summary>
    public static void Check(Settings settings, ProblemList problems, ProblemList warnings)
    {
        foreach (var setting in settings.Set.Where(setting => IsChanged(setting)))
        {
            var key = setting.Key;
            switch (key.Asks)
            {
                case Asks.NeverButWarns:
                    warnings.Add(setting.Origin.Text, key.Path, $"has no effect: {key.NoEffect}", "remove the key");
                    break;
                case Asks.WhenChanged when AsksNow(setting, settings):
                    problems.Add(setting.Origin.Text, key.Path, What(key.Feature), key.Feature.Instead ?? Remedy(key));
                    break;
            }
        }
    }

    /// <summary>The sentence about a feature that isn't there.</summary>
    public static string What(Feature feature) =>
        feature.Instead is null ? $"{feature.Name} isn't there yet in this version" : $"{feature.Name} isn't part of Fleethold";

    private static bool AsksNow(Setting setting, Settings settings) =>
        !setting.Key.Feature.IsThere && (setting.Key.Gate is null || settings.IsOn(setting.Key.Gate));

    private static bool IsChanged(Setting setting) =>
        !IsOff(setting)
        && !ValueParser.Same(setting.Value, ValueParser.Default(setting.Key, Defaults.Omni))
        && !ValueParser.Same(setting.Value, ValueParser.Default(setting.Key, Defaults.Fleethold));

    private static bool IsOff(Setting setting) => setting.Value switch
    {
        false => true,
        "" or 0L => setting.Key.Default is null,
        IReadOnlyCollection<string> list => list.Count == 0,
        IReadOnlyDictionary<string, string> map => map.Count == 0,
        _ => false,
    };

    private static string Remedy(ConfigurationKey key) => key switch
    {
        { Type: KeyType.Switch } => "remove the key or set it to false",
        { Gate: not null } => $"remove the key or set {key.Gate} to false",
        { Default: not null } => $"remove the key or leave it at {key.Default}",
        _ => "remove the key",
    };
}
