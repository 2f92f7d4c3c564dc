using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fleethold.Bench.Load;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Bench.Benchmarks;

/// <summary>
/// Reconciles per second of a transform with one input on a durable state: from the wake-ups of all items to the last durable output. The transform
/// hashes its 1 KiB input, so that each change of an input is a change of its output.
/// </summary>
internal sealed class ReconcileBenchmark : IBenchmark
{
    private static readonly Controller Hash = Controller
        .Transform("bench-hash", Kinds.ConfigPatches, Kinds.ClusterMachineConfigStatuses)
        .Do(static (input, output) =>
            output.Spec.ClusterMachineConfigSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(input.Spec.Data))));

    /// <inheritdoc/>
    public string Name => "reconcile";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        var size = scale is Scale.Quick ? 2_000 : 20_000;
        var rounds = scale is Scale.Quick ? 1 : 5;
        var many = size.ToString("N0", CultureInfo.InvariantCulture);
        using var folder = new BenchFolder();
        await using var durable = await DurableState.Open(folder.PathOf("s"), cancellation);
        var state = durable.State;
        report.Note($"writing {many} inputs");
        await Filling.State(state, size, _ => StringMap.Empty, cancellation);

        var created = await OneRun(state, size, cancellation);
        var rates = new List<double>();
        for (var round = 1; round <= rounds; round++)
        {
            report.Note($"changing {many} inputs, then reconciling them, round {round} of {rounds}");
            await Change(state, round, cancellation);
            rates.Add(await OneRun(state, size, cancellation));
        }

        var headline = report.Add($"{many} changed inputs, output updated", Statistics.Median(rates), "reconciles/s");
        report.Add($"{many} new inputs, finalizer and output created", created, "reconciles/s");

        var latencies = await Latencies(state, scale is Scale.Quick ? 200 : 2_000, cancellation);
        report.Add("one input at a time, update to durable output, p50", Statistics.Percentile(latencies, 0.5), "ms");
        report.Add("one input at a time, update to durable output, p99", Statistics.Percentile(latencies, 0.99), "ms");
        return headline;
    }

    // The engine starts on inputs that wait for it, so that nothing else writes while it works.
    private static async Task<double> OneRun(IState state, int size, CancellationToken cancellation)
    {
        await using var engine = new ControllerEngine(state, new ControllerSet(Hash), TimeProvider.System, new Random(1));
        var start = Stopwatch.GetTimestamp();
        await engine.StartAsync(cancellation);
        await engine.IdleAsync(cancellation);
        var rate = size / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await Verify(state, size, cancellation);
        return rate;
    }

    private static async Task Change(IState state, int round, CancellationToken cancellation)
    {
        var payload = new Payload(1024);
        var inputs = await state.List(Kinds.ConfigPatches, cancellation: cancellation);
        await Parallel.ForEachAsync(
            inputs.Select((input, index) => (input, index)),
            new ParallelOptions { MaxDegreeOfParallelism = 256, CancellationToken = cancellation },
            async (one, token) => _ = (await state.Update(
                Kinds.ConfigPatches.Wrap(one.input.Metadata, BenchResources.SpecBytes(payload, one.index + round)), cancellation: token)).Value);
    }

    private static async Task Verify(IState state, int size, CancellationToken cancellation)
    {
        var outputs = (await state.List(Kinds.ClusterMachineConfigStatuses, cancellation: cancellation)).ToDictionary(output => output.Metadata.Id);
        var inputs = await state.List(Kinds.ConfigPatches, cancellation: cancellation);
        var stale = inputs.Count(input => outputs[input.Metadata.Id].Spec.ClusterMachineConfigSha256 != HashOf(input));
        if (inputs.Count != size || outputs.Count != size || stale > 0)
        {
            throw new InvalidOperationException($"{inputs.Count} inputs, {outputs.Count} outputs, {stale} of them stale; {size} were expected");
        }
    }

    private static string HashOf(Resource<ConfigPatchSpec> input) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(input.Spec.Data)));

    private static async Task<double[]> Latencies(IState state, int count, CancellationToken cancellation)
    {
        await using var engine = new ControllerEngine(state, new ControllerSet(Hash), TimeProvider.System, new Random(1));
        await engine.StartAsync(cancellation);
        await engine.IdleAsync(cancellation);
        var payload = new Payload(1024);
        var input = (await state.Get(Kinds.ConfigPatches.Named(Filling.Id(0)), cancellation)).Value;
        using var watch = state.Watch(Kinds.ClusterMachineConfigStatuses.Named(Filling.Id(0)), WatchOptions.FromNow).Value;
        var latencies = new double[count];
        for (var i = 0; i < count; i++)
        {
            var wanted = (Resource<ConfigPatchSpec>)Kinds.ConfigPatches.Wrap(input.Metadata, BenchResources.SpecBytes(payload, i % 200 + 1));
            var hash = HashOf(wanted);
            var start = Stopwatch.GetTimestamp();
            input = (await state.Update(wanted, cancellation: cancellation)).Value;
            await foreach (var change in watch.ReadAll(cancellation))
            {
                if (change.Resource is Resource<ClusterMachineConfigStatusSpec> output && output.Spec.ClusterMachineConfigSha256 == hash)
                {
                    break;
                }
            }

            latencies[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return latencies;
    }
}
