using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;

namespace Fleethold.Bench.Benchmarks;

/// <summary>The long, coverage-guided run of all fuzz targets (tests/Fuzz). It fails on a finding.</summary>
internal sealed partial class FuzzBenchmark : IBenchmark
{
    /// <inheritdoc/>
    public string Name => "fuzz";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        var seconds = scale is Scale.Quick ? 1 : 120;
        report.Note($"each target for {seconds} s");
        var start = new ProcessStartInfo(Checkout.TestProgram("Fuzz", "Fleethold.Fuzz")) { RedirectStandardOutput = true };
        foreach (var argument in (string[])["--coverage", "--seconds", seconds.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        using var fuzz = Process.Start(start)!;
        await using var ending = cancellation.Register(fuzz.Kill);
        var rates = new List<double>();
        while (await fuzz.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (FigureLine().Match(line) is { Success: true } match)
            {
                var value = double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture);
                var unit = match.Groups["unit"].Value;
                report.Add(match.Groups["case"].Value, value, unit);
                if (unit == "inputs/s")
                {
                    rates.Add(value);
                }
            }
        }

        await fuzz.WaitForExitAsync(cancellation);
        if (fuzz.ExitCode != 0 || rates.Count == 0)
        {
            throw new InvalidOperationException($"the fuzz run ended with exit code {fuzz.ExitCode} after {rates.Count} targets; findings are told above");
        }

        return report.Add($"all {rates.Count} targets, median", Statistics.Median(rates), "inputs/s");
    }

    [GeneratedRegex(@"^fuzz/(?<case>[^:]+): (?<value>[0-9.]+) (?<unit>[^;]+);")]
    private static partial Regex FigureLine();
}
