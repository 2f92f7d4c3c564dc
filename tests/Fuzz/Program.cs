using System.Globalization;
using Fleethold.Fuzz.Coverage;

namespace Fleethold.Fuzz;

/// <summary>
/// <c>Fleethold.Fuzz --coverage [--seconds N] [target]</c> is the long run of all targets in turn, or of one;
/// <c>Fleethold.Fuzz --input BASE64 target</c> repeats a finding; anything else goes to the tests of this project.
/// </summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is ["--input", var base64, var name])
        {
            FuzzTargets.Find(name).Run(Convert.FromBase64String(base64));
            Console.WriteLine("nothing found");
            return 0;
        }

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

        if (rest.Count > 1 || rest.Any(wanted => FuzzTargets.All.All(target => target.Name != wanted)))
        {
            await Console.Error.WriteLineAsync(
                $"usage: Fleethold.Fuzz --coverage [--seconds N] [target]; targets: {string.Join(", ", FuzzTargets.All.Select(target => target.Name))}");
            return 2;
        }

        return CoverageRun.Start(rest.Count == 1 ? rest : [.. FuzzTargets.All.Select(target => target.Name)], TimeSpan.FromSeconds(seconds));
    }
}
