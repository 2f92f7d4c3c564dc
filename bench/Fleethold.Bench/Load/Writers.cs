using System.Diagnostics;

namespace Fleethold.Bench.Load;

/// <summary>
/// A writer that waits for each acknowledgement before its next write. Every fourth write is of a new name, the others change the last name again.
/// </summary>
internal interface IWriter
{
    /// <summary>One write, acknowledged when this returns.</summary>
    Task Write(CancellationToken cancellation);
}

/// <summary>Runs many writers at once for a while.</summary>
internal static class Writers
{
    /// <summary>Acknowledged writes per second of all writers together.</summary>
    public static async Task<double> Run(IReadOnlyList<IWriter> writers, TimeSpan length, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(writers.Select(writer => Task.Run(() => RunOne(writer, start, length, cancellation), cancellation)));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<long> RunOne(IWriter writer, long start, TimeSpan length, CancellationToken cancellation)
    {
        long written = 0;
        while (Stopwatch.GetElapsedTime(start) < length)
        {
            await writer.Write(cancellation);
            written++;
        }

        return written;
    }
}
