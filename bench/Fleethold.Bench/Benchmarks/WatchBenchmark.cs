using System.Diagnostics;
using System.Globalization;
using Fleethold.Bench.Load;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;
using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;
using Google.Protobuf;
using Grpc.Core;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Bench.Benchmarks;

/// <summary>
/// From the start of an update call to the arrival of its event at each watcher, with 1,000 watchers and 100 updates a second, paced by the clock
/// and not by the answers. In-process all watchers get each update; over gRPC each update concerns 10 of them.
/// </summary>
internal sealed class WatchBenchmark : IBenchmark
{
    private const int Watchers = 1000;
    private const int UpdatesPerSecond = 100;
    private const int WarmUpSeconds = 2;
    private const int Groups = 100;
    private const string GroupLabel = "bench/group";
    private const string UpdateAnnotation = "bench/update";

    /// <inheritdoc/>
    public string Name => "watch";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        var seconds = scale is Scale.Quick ? 3 : 30;
        using var folder = new BenchFolder();

        report.Note($"{Watchers} watchers of one kind in this process, {UpdatesPerSecond} updates/s for {seconds} s");
        var inProcess = await InProcess(folder.PathOf("s"), seconds, cancellation);
        var headline = report.Add("in-process, 1,000 watchers, p99", Statistics.Percentile(inProcess, 0.99), "ms");
        report.Add("in-process, 1,000 watchers, p50", Statistics.Percentile(inProcess, 0.5), "ms");

        report.Note($"{Watchers} watchers over gRPC, each update concerns {Watchers / Groups}, {UpdatesPerSecond} updates/s for {seconds} s");
        var overGrpc = await OverGrpc(folder.PathOf("f"), seconds, cancellation);
        report.Add("gRPC, 10 of 1,000 watchers, p99", Statistics.Percentile(overGrpc, 0.99), "ms");
        report.Add("gRPC, 10 of 1,000 watchers, p50", Statistics.Percentile(overGrpc, 0.5), "ms");
        return headline;
    }

    private static async Task<double[]> InProcess(string folder, int seconds, CancellationToken cancellation)
    {
        await using var durable = await DurableState.Open(folder, cancellation);
        var state = durable.State;
        var payload = new Payload(1024);
        var updates = new Arrivals((WarmUpSeconds + seconds) * UpdatesPerSecond, Watchers, WarmUpSeconds * UpdatesPerSecond);
        var current = new Resource[Groups];
        for (var i = 0; i < Groups; i++)
        {
            current[i] = (await state.Create(BenchResources.New(Id(i), payload, i), cancellation: cancellation)).Value;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watchers = Enumerable.Range(0, Watchers).Select(_ =>
        {
            var watch = state.WatchKind(Kinds.ConfigPatches.Ref, ResourceQuery.All, WatchOptions.FromNow).Value;
            return Task.Run(
                async () =>
                {
                    using (watch)
                    {
                        await foreach (var change in watch.ReadAll(stop.Token))
                        {
                            updates.Arrived(UpdateOf(change.Resource.Metadata.Annotations));
                        }
                    }
                },
                CancellationToken.None);
        }).ToList();

        await Pace(updates, async number =>
        {
            var i = number % Groups;
            var metadata = current[i].Metadata;
            metadata = metadata with { Annotations = metadata.Annotations.With(UpdateAnnotation, number.ToString(CultureInfo.InvariantCulture)) };
            var wanted = Kinds.ConfigPatches.Wrap(metadata, BenchResources.SpecBytes(payload, number));
            updates.Started(number);
            current[i] = (await state.Update(wanted, cancellation: cancellation)).Value;
        }, cancellation);
        await updates.All.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        await stop.CancelAsync();
        await Ended(watchers);
        return updates.Latencies();
    }

    private static async Task<double[]> OverGrpc(string folder, int seconds, CancellationToken cancellation)
    {
        await using var server = await FleetholdServer.Start(folder, cancellation);
        // 100 calls at once are what a server takes on one connection by default.
        using var channels = new Channels(20, server.Connect);
        using var writing = server.Connect();
        var writer = new Wire.State.StateClient(writing);
        var payload = new Payload(1024);
        var updates = new Arrivals(
            (WarmUpSeconds + seconds) * UpdatesPerSecond, Watchers / Groups, WarmUpSeconds * UpdatesPerSecond);
        var current = new Wire.Resource[Groups];
        for (var i = 0; i < Groups; i++)
        {
            var fresh = BenchResources.OnTheWire(Id(i), payload, i, StringMap.Of((GroupLabel, Id(i))));
            current[i] = (await writer.CreateAsync(new Wire.CreateRequest { Resource = fresh, Options = new() }, cancellationToken: cancellation)).Resource;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ready = new CountdownEvent(Watchers);
        var allReady = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var watchers = Enumerable.Range(0, Watchers).Select(i => Task.Run(() => WatchOne(i), CancellationToken.None)).ToList();
        await Task.WhenAny(allReady.Task, Task.WhenAny(watchers)).WaitAsync(TimeSpan.FromSeconds(60), cancellation);
        if (!allReady.Task.IsCompleted)
        {
            await await Task.WhenAny(watchers);
        }

        await Pace(updates, async number =>
        {
            var i = number % Groups;
            var wanted = current[i].Clone();
            wanted.Metadata.Annotations[UpdateAnnotation] = number.ToString(CultureInfo.InvariantCulture);
            wanted.Spec.ProtoSpec = UnsafeByteOperations.UnsafeWrap(BenchResources.SpecBytes(payload, number));
            updates.Started(number);
            current[i] = (await writer.UpdateAsync(new Wire.UpdateRequest { NewResource = wanted, Options = new() }, cancellationToken: cancellation)).Resource;
        }, cancellation);
        await updates.All.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        await stop.CancelAsync();
        await Ended(watchers);
        return updates.Latencies();

        async Task WatchOne(int i)
        {
            var term = new Wire.LabelTerm { Key = GroupLabel, Op = Wire.LabelTerm.Types.Operation.Equal, Value = { Id(i % Groups) } };
            using var call = new Wire.State.StateClient(channels[i]).Watch(
                new Wire.WatchRequest
                {
                    Namespace = Kinds.ConfigPatches.Namespace,
                    Type = Kinds.ConfigPatches.Type,
                    ApiVersion = 1,
                    Options = new() { BootstrapContents = true, LabelQuery = { new Wire.LabelQuery { Terms = { term } } } },
                },
                cancellationToken: stop.Token);
            await foreach (var answer in call.ResponseStream.ReadAllAsync(stop.Token))
            {
                foreach (var change in answer.Event)
                {
                    if (change.EventType == Wire.EventType.Bootstrapped && ready.Signal())
                    {
                        allReady.SetResult();
                    }
                    else if (change.EventType == Wire.EventType.Updated)
                    {
                        updates.Arrived(int.Parse(change.Resource.Metadata.Annotations[UpdateAnnotation], CultureInfo.InvariantCulture));
                    }
                }
            }
        }
    }

    private static string Id(int number) => number.ToString("D3", CultureInfo.InvariantCulture);

    private static int UpdateOf(StringMap annotations) => int.Parse(annotations[UpdateAnnotation], CultureInfo.InvariantCulture);

    // Each update starts when its time has come, whether or not the ones before were answered, so that a stall shows in all that it delays.
    // Only two updates of one resource follow each other, a second apart.
    private static async Task Pace(Arrivals updates, Func<int, Task> update, CancellationToken cancellation)
    {
        var running = Enumerable.Repeat(Task.CompletedTask, Groups).ToArray();
        var begin = Stopwatch.GetTimestamp();
        for (var number = 0; number < updates.Count; number++)
        {
            var wait = TimeSpan.FromSeconds((double)number / UpdatesPerSecond) - Stopwatch.GetElapsedTime(begin);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, TimeProvider.System, cancellation);
            }

            running[number % Groups] = After(running[number % Groups], number);
        }

        await Task.WhenAll(running);

        async Task After(Task before, int number)
        {
            await before;
            await update(number);
        }
    }

    private static async Task Ended(IEnumerable<Task> watchers)
    {
        try
        {
            await Task.WhenAll(watchers);
        }
        catch (Exception end) when (end is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            // All were told to stop.
        }
    }
}
