using System.Diagnostics;
using System.Xml.Linq;
using Fleethold.Testing;

namespace Fleethold.Architecture;

/// <summary>The files of this checkout that belong to the repository: those that git knows or would add.</summary>
internal static class Sources
{
    /// <summary>All files, as paths below the root with forward slashes, in ordinal order.</summary>
    public static IReadOnlyList<string> All { get; } = ListFiles();

    /// <summary>The project files below a folder.</summary>
    public static IEnumerable<string> ProjectsUnder(string folder) =>
        All.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal));

    /// <summary>The text of a file.</summary>
    public static string Text(string path) => File.ReadAllText(Repository.PathOf(path));

    /// <summary>A project file as XML.</summary>
    public static XDocument Project(string path) => XDocument.Parse(Text(path));

    /// <summary>The names of the projects that a project refers to, without their ending.</summary>
    public static IEnumerable<string> References(string project) =>
        Project(project).Descendants("ProjectReference").Select(reference =>
            Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

    private static string[] ListFiles()
    {
        var start = new ProcessStartInfo("git")
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            ArgumentList = { "ls-files", "-z", "--cached", "--others", "--exclude-standard" },
        };
        using var git = Process.Start(start)!;
        var listed = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, "git ls-files failed: the tests of the architecture need a git checkout");
        return [.. listed.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Where(path => File.Exists(Repository.PathOf(path)))
            .Order(StringComparer.Ordinal)];
    }
}
