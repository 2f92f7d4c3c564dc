namespace Fleethold.Server.Configuration;

/// <summary>Looks for data of an Omni that used the same configuration, which stops the start: we neither read nor overwrite it.</summary>
internal static class OmniData
{
    /// <summary>What is there, each with what to do. Touches the disk; the host asks before it opens the store.</summary>
    public static IReadOnlyList<Problem> Find(StorageSettings storage) =>
        storage.OmniPaths.Where(path => path != storage.DatabaseFile && IsThere(path)).Select(path => new Problem(
            path, null, "holds data of Omni, which Fleethold doesn't read",
            "stop Omni and move this away (keep it as your backup), or choose another place with fleethold.dataDirectory (--data-dir)")).ToArray();

    // An etcd keeps its data in "member"; an empty folder that a volume left is no data.
    private static bool IsThere(string path) => File.Exists(path) || Directory.Exists(Path.Combine(path, "member"));
}
