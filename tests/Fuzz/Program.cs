using System.Globalization;
using Fleethold.Fuzz.Coverage;

namespace Fleethold.Fuzz;

/// <summary>
/// Without <c>--coverage</c> the tests of this project. With it, <c>Fleethold.Fuzz --coverage --seconds N [target]</c> is the long run,
/// of all targets in turn or of one.
/// </summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (!args.Contains("--coverage"))
        {
            return args.Any(argument => argument is "--server" or "--internal-msbuild-node")
                ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
                : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
        }

        var rest = args.Where(argument => argument != "--coverage").ToList();
        var seconds = 60;
        var option = rest.IndexOf("--seconds");
        if (option >= 0 && (option + 1 == rest.Count || !int.TryParse(rest[option + 1], NumberStyles.None, CultureInfo.InvariantCulture, out seconds)))
        {
            await Console.Error.WriteLineAsync("--seconds needs a whole number");
            return 2;
        }

        if (option >= 0)
        {
            rest.RemoveRange(option, 2);
        }

        if (rest.Count > 1 || rest.Any(name => FuzzTargets.All.All(target => target.Name != name)))
        {
            await Console.Error.WriteLineAsync(
                $"usage: Fleethold.Fuzz --coverage [--seconds N] [target]; targets: {string.Join(", ", FuzzTargets.All.Select(target => target.Name))}");
            return 2;
        }

        return CoverageRun.Start(rest.Count == 1 ? rest : [.. FuzzTargets.All.Select(target => target.Name)], TimeSpan.FromSeconds(seconds));
    }
}
