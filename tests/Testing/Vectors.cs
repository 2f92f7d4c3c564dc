using System.Text.Json;

namespace Fleethold.Testing;

/// <summary>
/// The recorded truth beside the repository, <c>../shared/vectors</c>. Tests that read it carry <c>[Trait("Category", "Vectors")]</c>
/// and are skipped, and counted as skipped, where it is missing.
/// </summary>
public static class Vectors
{
    /// <summary>The value of the trait <c>Category</c> of tests that read vectors.</summary>
    public const string Category = "Vectors";

    private static string Folder { get; } = Repository.PathOf("..", "shared", "vectors");

    /// <summary>A vector file as JSON; skips the running test when there are no vectors here.</summary>
    public static JsonDocument Json(string path) => JsonDocument.Parse(File.ReadAllBytes(PathOf(path)));

    /// <summary>The lines of a vector file, each as JSON; skips the running test when there are no vectors here.</summary>
    public static IEnumerable<JsonElement> JsonLines(string path) =>
        File.ReadLines(PathOf(path)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>The full path of a vector file; skips the running test when there are no vectors here.</summary>
    public static string PathOf(string path)
    {
        Assert.SkipUnless(Directory.Exists(Folder), "../shared/vectors is not here");
        return Path.Combine(Folder, path);
    }
}
