using System.Diagnostics;
using System.Globalization;

namespace Fleethold.Bench.Measuring;

/// <summary>
/// What a process uses, as all benchmarks of this project understand it: memory is RssAnon in kB of 1,000 bytes, 30 s after the load ended
/// and after a forced full collection; CPU is user plus system time.
/// </summary>
internal static class ProcessUse
{
    private const double KilobyteOfTheKernel = 1024.0 / 1000.0;

    /// <summary>How long to wait after the load before memory is read.</summary>
    public static TimeSpan Settling { get; } = TimeSpan.FromSeconds(30);

    /// <summary>User plus system time so far.</summary>
    public static TimeSpan Cpu(int process)
    {
        using var running = Process.GetProcessById(process);
        return running.TotalProcessorTime;
    }

    /// <summary>Waits, forces a full collection in the process, and reads its memory in kB of 1,000 bytes.</summary>
    public static async Task<double> SettledMemory(int process, TimeSpan settling, CancellationToken cancellation)
    {
        await Task.Delay(settling, TimeProvider.System, cancellation);
        await ForcedCollection.Run(process, cancellation);
        return AnonymousMemory(process);
    }

    /// <summary>RssAnon now, in kB of 1,000 bytes.</summary>
    public static double AnonymousMemory(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(one => one.StartsWith("RssAnon:", StringComparison.Ordinal));
        var kernelKilobytes = line["RssAnon:".Length..].Trim().Split(' ')[0];
        return double.Parse(kernelKilobytes, CultureInfo.InvariantCulture) * KilobyteOfTheKernel;
    }
}
