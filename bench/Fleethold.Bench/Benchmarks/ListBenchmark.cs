using System.Diagnostics;
using System.Globalization;
using Fleethold.Bench.Load;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;
using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;
using Grpc.Core;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Bench.Benchmarks;

/// <summary>How long reads take with 100,000 resources of 1 KiB in one kind, in-process and through the gRPC State API.</summary>
internal sealed class ListBenchmark : IBenchmark
{
    private const int Matching = 100;
    private const string GroupLabel = "bench/group";

    /// <inheritdoc/>
    public string Name => "list";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        var size = scale is Scale.Quick ? 10_000 : 100_000;
        var repeats = scale is Scale.Quick ? 50 : 500;
        var many = size.ToString("N0", CultureInfo.InvariantCulture);
        using var folder = new BenchFolder();

        Figure headline;
        await using (var durable = await DurableState.Open(folder.PathOf("s"), cancellation))
        {
            var state = durable.State;
            report.Note($"writing {many} resources into a state of this process");
            await Filling.State(state, size, number => Labels(number, size), cancellation);
            headline = report.Add($"label query, {Matching} of {many}, in-process, p50", await MedianTime(repeats, async () => await ListLabelled(state)), "ms");
            report.Add("get, in-process, p50", await MedianTime(repeats, async () => _ = (await state.Get(Kinds.ConfigPatches.Named(Filling.Id(size / 2)), cancellation)).Value), "ms");
            report.Add($"list of all {many}, in-process, p50", await MedianTime(11, async () => Expect(size, (await state.List(Kinds.ConfigPatches.Ref, ResourceQuery.All, cancellation)).Value.Count)), "ms");
        }

        report.Note($"writing {many} resources into a server");
        await Filling.Server(folder.PathOf("f"), size, number => Labels(number, size), cancellation);
        await using var server = await FleetholdServer.Start(folder.PathOf("f"), cancellation);
        using var channel = server.Connect();
        var client = new Wire.State.StateClient(channel);
        report.Add($"label query, {Matching} of {many}, gRPC, p50", await MedianTime(repeats, async () => Expect(Matching, await Count(client, Labelled(), cancellation))), "ms");
        report.Add("get, gRPC, p50", await MedianTime(repeats, async () => await client.GetAsync(GetMiddle(size), cancellationToken: cancellation)), "ms");
        report.Add($"list of all {many}, gRPC, p50", await MedianTime(scale is Scale.Quick ? 3 : 11, async () => Expect(size, await Count(client, new Wire.ListOptions(), cancellation))), "ms");
        return headline;

        async Task ListLabelled(IState state) =>
            Expect(Matching, (await state.List(Kinds.ConfigPatches.Ref, ResourceQuery.By(LabelQuery.Equal(GroupLabel, "7")), cancellation)).Value.Count);
    }

    private static StringMap Labels(int number, int size) =>
        StringMap.Of((GroupLabel, (number % (size / Matching)).ToString(CultureInfo.InvariantCulture)));

    private static Wire.ListOptions Labelled() => new()
    {
        LabelQuery =
        {
            new Wire.LabelQuery
            {
                Terms = { new Wire.LabelTerm { Key = GroupLabel, Op = Wire.LabelTerm.Types.Operation.Equal, Value = { "7" } } },
            },
        },
    };

    private static Wire.GetRequest GetMiddle(int size) => new()
    {
        Namespace = Kinds.ConfigPatches.Namespace,
        Type = Kinds.ConfigPatches.Type,
        Id = Filling.Id(size / 2),
        Options = new(),
    };

    private static async Task<int> Count(Wire.State.StateClient client, Wire.ListOptions options, CancellationToken cancellation)
    {
        using var call = client.List(
            new Wire.ListRequest { Namespace = Kinds.ConfigPatches.Namespace, Type = Kinds.ConfigPatches.Type, Options = options }, cancellationToken: cancellation);
        var count = 0;
        await foreach (var _ in call.ResponseStream.ReadAllAsync(cancellation))
        {
            count++;
        }

        return count;
    }

    private static void Expect(int wanted, int found)
    {
        if (wanted != found)
        {
            throw new InvalidOperationException($"the list has {found} resources instead of {wanted}");
        }
    }

    private static async Task<double> MedianTime(int repeats, Func<Task> read)
    {
        for (var i = 0; i < Math.Min(repeats, 100); i++)
        {
            await read();
        }

        var times = new List<double>(repeats);
        for (var i = 0; i < repeats; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await read();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return Statistics.Median(times);
    }
}
