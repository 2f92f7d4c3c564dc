using System.Diagnostics;
using Fleethold.Resources;
using Fleethold.Runtime;

namespace Fleethold.Bench.Load;

/// <summary>
/// Writers to a state in this process, without gRPC, each of which waits for its acknowledgement before its next write. Every fourth write is of a new
/// name, the others change the last name again.
/// </summary>
internal sealed class StateWriters(IState state, int count, Payload payload)
{
    private readonly (long Written, Resource? Last)[] _progress = new (long, Resource?)[count];

    /// <summary>Acknowledged writes per second of all writers together.</summary>
    public async Task<double> Run(TimeSpan length, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, count).Select(writer => Task.Run(() => RunOne(writer, start, length, cancellation), cancellation)));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private async Task<long> RunOne(int writer, long start, TimeSpan length, CancellationToken cancellation)
    {
        var (written, last) = _progress[writer];
        var before = written;
        while (Stopwatch.GetElapsedTime(start) < length)
        {
            var number = written++;
            var spec = BenchResources.SpecBytes(payload, number);
            last = number % 4 == 0
                ? (await state.Create(
                    Kinds.ConfigPatches.Wrap(new(Kinds.ConfigPatches.Named($"{count}-{writer}-{number / 4}")), spec), cancellation: cancellation)).Value
                : (await state.Update(Kinds.ConfigPatches.Wrap(last!.Metadata, spec), cancellation: cancellation)).Value;
        }

        _progress[writer] = (written, last);
        return written - before;
    }
}
