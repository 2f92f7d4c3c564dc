using System.Globalization;
using Fleethold.Bench.Load;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;
using Fleethold.Resources;

namespace Fleethold.Bench.Benchmarks;

/// <summary>
/// Seconds from the start of the process to the first answered read with 100,000 resources of 1 KiB in the store, and the memory that one such
/// resource costs.
/// </summary>
internal sealed class StartBenchmark : IBenchmark
{
    /// <inheritdoc/>
    public string Name => "start";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        var large = scale is Scale.Quick ? 10_000 : 100_000;
        var small = large / 10;
        var starts = scale is Scale.Quick ? 2 : 7;
        var settling = scale is Scale.Quick ? TimeSpan.FromSeconds(2) : ProcessUse.Settling;
        using var folder = new BenchFolder();

        report.Note($"writing {large} resources");
        await Filling.Server(folder.PathOf("l"), large, _ => StringMap.Empty, cancellation);
        var times = new List<double>();
        for (var i = 0; i < starts; i++)
        {
            await using var server = await FleetholdServer.Start(folder.PathOf("l"), cancellation);
            times.Add(server.StartTime.TotalSeconds);
            await Filling.Verify(server, large, cancellation);
        }

        var many = large.ToString("N0", CultureInfo.InvariantCulture);
        var headline = report.Add($"serving with {many} resources, median of {starts}", Statistics.Median(times), "s");

        report.Note($"writing {small} resources, then memory {settling.TotalSeconds} s after each start");
        await Filling.Server(folder.PathOf("s"), small, _ => StringMap.Empty, cancellation);
        var memoryOfSmall = await Memory(folder.PathOf("s"), settling, cancellation);
        var memoryOfLarge = await Memory(folder.PathOf("l"), settling, cancellation);
        report.Add("memory per 1 KiB resource", Statistics.Slope((small, memoryOfSmall), (large, memoryOfLarge)), "kB");
        report.Add($"memory with {many} resources", memoryOfLarge, "kB");
        return headline;
    }

    private static async Task<double> Memory(string folder, TimeSpan settling, CancellationToken cancellation)
    {
        await using var server = await FleetholdServer.Start(folder, cancellation);
        return await ProcessUse.SettledMemory(server.ProcessId, settling, cancellation);
    }
}
