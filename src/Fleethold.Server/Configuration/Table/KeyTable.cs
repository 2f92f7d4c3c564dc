using System.Collections.Frozen;

namespace Fleethold.Server.Configuration.Table;

/// <summary>All keys of the configuration. Names, flags, types and defaults of Omni's: reference/deployment.md 2.</summary>
internal static class KeyTable
{
    /// <summary>Every key, in the order of the documentation.</summary>
    public static IReadOnlyList<ConfigurationKey> All { get; } =
        [.. OwnKeys.All, .. AccountKeys.All, .. ServiceKeys.All, .. AuthKeys.All, .. LogKeys.All, .. StorageKeys.All, .. FleetKeys.All];

    /// <summary>By path.</summary>
    public static FrozenDictionary<string, ConfigurationKey> ByPath { get; } = All.ToFrozenDictionary(key => key.Path, StringComparer.Ordinal);

    /// <summary>By flag with its dashes, further and old names included.</summary>
    public static FrozenDictionary<string, ConfigurationKey> ByFlag { get; } = All
        .SelectMany(key => new[] { key.Flag }.OfType<string>().Concat(key.OtherFlags).Concat(key.OldFlags).Select(flag => (flag, key)))
        .ToFrozenDictionary(pair => pair.flag, pair => pair.key, StringComparer.Ordinal);

    /// <summary>Paths above keys, for example <c>services.api</c>.</summary>
    public static FrozenSet<string> Sections { get; } = All
        .SelectMany(key => Parents(key.Path))
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Flags that Omni 1.6 removed, with what to do. They stop the start there too.</summary>
    public static FrozenDictionary<string, string> RemovedFlags { get; } = new Dictionary<string, string>
    {
        ["--audit-log-dir"] = "the audit log is kept in the data directory",
        ["--secondary-storage-path"] = "use --sqlite-storage-path or --data-dir",
        ["--machine-log-storage-path"] = "machine logs are kept in the data directory",
        ["--machine-log-storage-enabled"] = "machine logs are always kept",
        ["--log-storage-path"] = "machine logs are kept in the data directory",
        ["--embedded-discovery-service-snapshot-path"] = "snapshots are kept in the data directory",
        ["--machine-log-buffer-capacity"] = "use --machine-log-max-lines-per-machine",
        ["--machine-log-buffer-max-capacity"] = "use --machine-log-max-lines-per-machine",
        ["--machine-log-buffer-safe-gap"] = "machine logs have no such buffer any more",
        ["--machine-log-num-compressed-chunks"] = "use --machine-log-max-size",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static IEnumerable<string> Parents(string path)
    {
        for (var dot = path.IndexOf('.'); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            yield return path[..dot];
        }
    }
}
