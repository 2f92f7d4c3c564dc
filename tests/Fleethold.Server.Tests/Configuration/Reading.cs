using System.Text;
using Fleethold.Server.Configuration;

namespace Fleethold.Server.Tests.Configuration;

/// <summary>Short ways to read a configuration in a test.</summary>
internal static class Reading
{
    /// <summary>Reads YAML texts, named a.yaml, b.yaml and so on.</summary>
    public static ConfigurationReport Yaml(params string[] files) => All(files, []);

    /// <summary>Reads a command line.</summary>
    public static ConfigurationReport Flags(params string[] arguments) => All([], arguments);

    /// <summary>Reads files, a command line and environment variables.</summary>
    public static ConfigurationReport All(string[] files, string[] arguments, params (string Name, string Value)[] variables) =>
        ConfigurationReader.Read(
            [.. files.Select((text, i) => new ConfigurationFile($"{(char)('a' + i)}.yaml", Encoding.UTF8.GetBytes(text)))],
            arguments,
            name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    /// <summary>The configuration of a report without problems.</summary>
    public static ServerConfiguration Valid(this ConfigurationReport report)
    {
        Assert.Empty(report.Problems.Select(problem => problem.ToString()));
        return report.Configuration!;
    }

    /// <summary>The keys of the problems, in order.</summary>
    public static IEnumerable<string?> Keys(this ConfigurationReport report) => report.Problems.Select(problem => problem.Key);

    /// <summary>The problems as lines.</summary>
    public static IEnumerable<string> Lines(this IReadOnlyList<Problem> problems) => problems.Select(problem => problem.ToString());
}
