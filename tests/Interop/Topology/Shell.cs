using System.Diagnostics;

namespace Fleethold.Interop.Topology;

/// <summary>Runs programs to their end.</summary>
internal static class Shell
{
    /// <summary>Whether a program is installed.</summary>
    public static bool Has(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs a program; its output.</summary>
    /// <exception cref="InvalidOperationException">It failed; with what it said.</exception>
    public static async Task<string> Run(string program, params string[] arguments)
    {
        var (code, output) = await Try(program, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {output.Trim()}");
    }

    /// <summary>Runs a program; its exit code and all it said.</summary>
    public static async Task<(int Code, string Output)> Try(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    /// <summary>Runs a program in a network namespace.</summary>
    public static Task<string> In(string name, string program, params string[] arguments) => Run("ip", ["netns", "exec", name, program, .. arguments]);

    /// <summary>Asks again and again until the answer is yes; says what was hoped for when it never is.</summary>
    public static async Task Until(string what, Func<Task<bool>> holds, TimeSpan? limit = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(start) > (limit ?? TimeSpan.FromSeconds(60)))
            {
                throw new TimeoutException($"still waiting until {what}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
