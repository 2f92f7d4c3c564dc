using System.Diagnostics;
using System.Globalization;
using Fleethold.Bench.Benchmarks;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;

namespace Fleethold.Bench;

/// <summary>What <c>./dev bench</c> starts: <c>[name] [--quick]</c>.</summary>
internal static class Program
{
    private static readonly IBenchmark[] All =
    [
        new StoreBenchmark(), new WatchBenchmark(), new ListBenchmark(), new StartBenchmark(), new ReconcileBenchmark(), new CrashBenchmark(),
        new FuzzBenchmark(), new TunnelBenchmark(), new HandshakesBenchmark(), new JoinBenchmark(),
    ];

    public static async Task<int> Main(string[] arguments)
    {
        var scale = arguments.Contains("--quick") ? Scale.Quick : Scale.Full;
        var names = arguments.Where(argument => argument != "--quick").ToList();
        var chosen = names.Count == 0 ? All : [.. All.Where(one => names.Contains(one.Name))];
        if (names.Find(name => All.All(one => one.Name != name)) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"there is no benchmark '{unknown}'; there are {string.Join(", ", All.Select(one => one.Name))}");
            return 2;
        }

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = true;
            stop.Cancel();
        };
        var results = Path.Combine(Checkout.Root, "bench", "results");
        var circumstances = Observe(scale);
        foreach (var benchmark in chosen)
        {
            try
            {
                var report = new Report(benchmark.Name, Console.Out);
                var headline = await benchmark.Run(report, scale, stop.Token);
                report.Finish(headline, results, circumstances);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync($"{benchmark.Name} failed: {failure}");
                return 1;
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync("stopped");
                return 130;
            }
        }

        return 0;
    }

    private static Circumstances Observe(Scale scale)
    {
        var commit = Git("rev-parse", "HEAD");
        // The results themselves may have changed.
        var changes = Git("status", "--porcelain", "--", ".", ":!bench/results").Length > 0 ? "+changes" : "";
        var day = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return new Circumstances(commit + changes, day, Environment.ProcessorCount, scale is Scale.Quick);
    }

    private static string Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = Checkout.Root, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var git = Process.Start(start)!;
        var answer = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return answer.Trim();
    }
}
