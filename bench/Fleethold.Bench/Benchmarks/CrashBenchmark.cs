using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;

namespace Fleethold.Bench.Benchmarks;

/// <summary>The long run of the crash harness (tests/Scenarios): a writing process is killed again and again. It fails when an acknowledged write is lost.</summary>
internal sealed partial class CrashBenchmark : IBenchmark
{
    private static readonly (string Case, string Test)[] Harnesses =
    [
        ("embedded store", "*Every_acknowledged_write_survives_kills_with_the_embedded_store"),
        ("etcd killed too", "*Every_acknowledged_write_survives_when_etcd_and_the_process_are_killed"),
    ];

    /// <inheritdoc/>
    public string Name => "crash";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        var rounds = scale is Scale.Quick ? 5 : 1_000;
        Figure? headline = null;
        foreach (var (name, test) in Harnesses)
        {
            report.Note($"{name}: {rounds} kills");
            var writes = await Harness(test, rounds, cancellation);
            var kills = report.Add($"{name}, kills survived", rounds, "kills");
            report.Add($"{name}, acknowledged writes, all there", writes, "writes");
            headline ??= kills;
        }

        return headline!;
    }

    private static async Task<double> Harness(string test, int rounds, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Checkout.TestProgram("Scenarios", "Fleethold.Scenarios"))
        {
            RedirectStandardOutput = true,
            Environment = { ["FLEETHOLD_CRASH_ROUNDS"] = rounds.ToString(CultureInfo.InvariantCulture) },
        };
        foreach (var argument in (string[])["-noColor", "-noLogo", "-failSkips", "-showLiveOutput", "-method", test])
        {
            start.ArgumentList.Add(argument);
        }

        using var harness = Process.Start(start)!;
        await using var ending = cancellation.Register(harness.Kill);
        var output = await harness.StandardOutput.ReadToEndAsync(cancellation);
        await harness.WaitForExitAsync(cancellation);
        return harness.ExitCode == 0 && Acknowledged().Match(output) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"the crash harness ended with exit code {harness.ExitCode}:\n{output}");
    }

    [GeneratedRegex(@"(\d+) acknowledged writes in \d+ rounds")]
    private static partial Regex Acknowledged();
}
