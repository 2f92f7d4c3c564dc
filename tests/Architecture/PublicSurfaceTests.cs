using System.Reflection;
using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Testing;

namespace Fleethold.Architecture;

public class PublicSurfaceTests
{
    /// <summary>The libraries whose public surface is watched, each with the file of what it is.</summary>
    public static TheoryData<string> Libraries => ["Fleethold.Resources", "Fleethold.Runtime"];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_surface_changes_only_when_somebody_says_so(string library)
    {
        var file = Repository.PathOf("tests", "Architecture", "PublicSurface", $"{library}.txt");
        var actual = PublicSurface.Of(AssemblyOf(library));
        if (Environment.GetEnvironmentVariable("FLEETHOLD_UPDATE") == "1")
        {
            File.WriteAllLines(file, actual);
        }

        var recorded = File.ReadAllLines(file);
        var changes = recorded.Except(actual).Select(line => $"- {line}").Concat(actual.Except(recorded).Select(line => $"+ {line}"));

        Rule.Holds(changes, "If this is meant, run the tests of this project with FLEETHOLD_UPDATE=1 and commit the file.");
    }

    private static Assembly AssemblyOf(string library) =>
        library == "Fleethold.Resources" ? typeof(Resource).Assembly : typeof(IState).Assembly;
}
