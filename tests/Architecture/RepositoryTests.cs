using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Fleethold.Testing;

namespace Fleethold.Architecture;

public partial class RepositoryTests
{
    /// <summary>Files over 500 lines, each with the reason why it isn't split.</summary>
    private static readonly Dictionary<string, string> LongFiles = new()
    {
        ["src/Fleethold.Resources/Kinds.cs"] = "one table of all kinds, read and compared as a whole",
    };

    private static readonly string[] VagueNames = ["Helpers", "Helper", "Utils", "Utilities", "Common", "Managers", "Misc"];

    // Written in parts, so that this file doesn't find itself.
    private static readonly string[] ForbiddenWords = ["/work" + "/", "api.nuget" + ".org/", "NotImplemented" + "Exception"];

    private static IEnumerable<string> Code => Sources.All.Where(path => path.EndsWith(".cs", StringComparison.Ordinal));

    [Fact]
    public void No_folder_or_file_has_a_name_that_says_nothing()
    {
        var vague = Sources.All.Where(path => path.Split('/', '.').Any(VagueNames.Contains));

        Rule.Holds(vague, "Name the thing by what it is in the domain.");
    }

    [Fact]
    public void Files_over_500_lines_have_a_reason()
    {
        var tooLong = Sources.All
            .Where(path => Path.GetExtension(path) is ".cs" or ".sh" && !LongFiles.ContainsKey(path))
            .Select(path => (path, Lines: File.ReadLines(Repository.PathOf(path)).Count()))
            .Where(file => file.Lines > 500)
            .Select(file => $"{file.path}: {file.Lines} lines");

        Rule.Holds(tooLong, "Split these files, or give a reason in LongFiles.");
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = XDocument.Parse(Sources.Text("Fleethold.slnx")).Descendants("Project").Select(project => project.Attribute("Path")!.Value);
        var projects = Sources.All.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal));

        Assert.Equal(projects.Order(StringComparer.Ordinal), solution.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Package_versions_stand_in_one_place_only_and_are_exact()
    {
        var scattered = Sources.All.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))
            .SelectMany(path => Sources.Project(path).Descendants("PackageReference").Select(package => (path, package)))
            .Where(use => use.package.Attribute("Version") is not null || use.package.Attribute("VersionOverride") is not null)
            .Select(use => use.path);
        var floating = XDocument.Parse(Sources.Text("Directory.Packages.props")).Descendants("PackageVersion")
            .Where(package => !ExactVersion().IsMatch(package.Attribute("Version")!.Value))
            .Select(package => package.Attribute("Include")!.Value);

        Rule.Holds(scattered, "Versions stand in Directory.Packages.props only.");
        Rule.Holds(floating, "Pin these packages exactly.");
    }

    [Fact]
    public void Every_pinned_package_is_used()
    {
        var locked = Sources.All.Where(path => path.EndsWith("packages.lock.json", StringComparison.Ordinal))
            .SelectMany(LockedPackages).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unused = XDocument.Parse(Sources.Text("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(package => package.Attribute("Include")!.Value)
            .Where(package => !locked.Contains(package));

        Rule.Holds(unused, "Remove these packages from Directory.Packages.props.");
    }

    [Fact]
    public void Every_project_has_a_lock_file_that_names_no_registry()
    {
        var projects = Sources.All.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal));

        Assert.All(projects, project =>
        {
            var lockFile = Path.GetDirectoryName(project)!.Replace('\\', '/') + "/packages.lock.json";
            Assert.Contains(lockFile, Sources.All);
            Assert.DoesNotContain("://", Sources.Text(lockFile), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Wire_definitions_stand_only_under_proto()
    {
        var elsewhere = Sources.All.Where(path =>
            path.EndsWith(".proto", StringComparison.Ordinal) && !path.StartsWith("proto/", StringComparison.Ordinal));

        Rule.Holds(elsewhere, "Move these below proto/.");
    }

    [Fact]
    public void Generated_code_is_not_checked_in()
    {
        var generated = Code.Where(path => File.ReadLines(Repository.PathOf(path)).Take(5)
            .Any(line => line.Contains("<auto-" + "generated", StringComparison.Ordinal)));

        Rule.Holds(generated, "Generate these at build.");
    }

    [Fact]
    public void There_is_one_license_and_it_is_Apache_2()
    {
        var license = Assert.Single(Sources.All, path => Path.GetFileName(path).StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase));

        Assert.Equal("LICENSE", license);
        Assert.Contains("Apache License", Sources.Text(license), StringComparison.Ordinal);
        Assert.Contains("Version 2.0, January 2004", Sources.Text(license), StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_names_a_build_machine_or_a_registry_host_or_leaves_code_unwritten()
    {
        var found = Sources.All
            .Where(path => !IsBinary(path))
            .SelectMany(path => File.ReadLines(Repository.PathOf(path)).Select((line, index) => (Place: $"{path}:{index + 1}", line)))
            .SelectMany(at => ForbiddenWords.Where(word => at.line.Contains(word, StringComparison.Ordinal)).Select(word => $"{at.Place} has '{word}'"));

        Rule.Holds(found, "Take these words out.");
    }

    [Fact]
    public void Code_has_no_notes_to_self_and_no_method_that_nobody_can_await()
    {
        string[] words = ["TO" + "DO", "FIX" + "ME", "async " + "void"];
        var found = Code
            .SelectMany(path => File.ReadLines(Repository.PathOf(path)).Select((line, index) => (Place: $"{path}:{index + 1}", line)))
            .SelectMany(at => words.Where(word => at.line.Contains(word, StringComparison.Ordinal)).Select(word => $"{at.Place} has '{word}'"));

        Rule.Holds(found, "Do it, or file an issue.");
    }

    [Fact]
    public void Links_in_the_documents_lead_somewhere()
    {
        var broken = Sources.All.Where(path => path.EndsWith(".md", StringComparison.Ordinal)).SelectMany(BrokenLinks);

        Rule.Holds(broken, "Mend these links.");
    }

    [Fact]
    public void Files_that_the_documents_name_exist()
    {
        var missing =
            from path in Sources.All
            where path.EndsWith(".md", StringComparison.Ordinal)
            from Match match in NamedFile().Matches(Sources.Text(path))
            let name = match.Groups[1].Value
            where !name.Contains('*') && !name.Contains('<') && !Path.Exists(Repository.PathOf(name))
            select $"{path} names {name}";

        Rule.Holds(missing, "These documents name files that aren't there.");
    }

    [Fact]
    public void Every_metric_stands_in_the_documents()
    {
        var document = Sources.Text("docs/operations/metrics.md");
        var missing =
            from path in Code
            where path.StartsWith("src/", StringComparison.Ordinal)
            from Match match in MetricName().Matches(Sources.Text(path))
            let name = match.Groups[1].Value
            where !document.Contains($"`{name}`", StringComparison.Ordinal)
            select $"{path} has {name}";

        Rule.Holds(missing, "Add a line for each to docs/operations/metrics.md.");
    }

    private static IEnumerable<string> LockedPackages(string lockFile)
    {
        using var json = JsonDocument.Parse(Sources.Text(lockFile));
        return [.. json.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject()).Select(one => one.Name)];
    }

    private static IEnumerable<string> BrokenLinks(string document)
    {
        foreach (Match match in Link().Matches(Sources.Text(document)))
        {
            var target = match.Groups[1].Value.Split('#')[0];
            if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
            {
                continue;
            }

            if (!Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, target)))
            {
                yield return $"{document} links to {target}, which doesn't exist";
            }
        }
    }

    // As git does it: a file with a zero byte near its start is no text.
    private static bool IsBinary(string path)
    {
        using var file = File.OpenRead(Repository.PathOf(path));
        Span<byte> start = stackalloc byte[8000];
        return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)].Contains((byte)0);
    }

    [GeneratedRegex(@"^\d+\.\d+\.\d+(\.\d+)?(-[0-9A-Za-z.]+)?$")]
    private static partial Regex ExactVersion();

    [GeneratedRegex(@"""((?:omni|fleethold)_[a-z0-9_]+)""")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:src|tests|bench|docs|proto|tools)/[^`\s]*)`")]
    private static partial Regex NamedFile();
}
