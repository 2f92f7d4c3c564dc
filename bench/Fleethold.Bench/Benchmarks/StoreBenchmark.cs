using Fleethold.Bench.Load;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;

namespace Fleethold.Bench.Benchmarks;

/// <summary>
/// Durable writes per second of 1 KiB, beside etcd on the same disk. This process is the client; the server and etcd are processes of their own, both
/// reached over Unix sockets by the same lean client, in alternating rounds of which the median counts.
/// </summary>
internal sealed class StoreBenchmark : IBenchmark
{
    private const int PayloadSize = 1024;

    // Both programs compile or page in what they need.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public string Name => "store";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        var rounds = scale is Scale.Quick ? 1 : 7;
        var length = TimeSpan.FromSeconds(scale is Scale.Quick ? 1.5 : 5);
        var payload = new Payload(PayloadSize);
        using var folder = new BenchFolder();
        await using var etcd = await Etcd.Start(folder.PathOf("e"), cancellation);
        Figure? headline = null;

        await using (var server = await FleetholdServer.Start(folder.PathOf("f"), cancellation))
        {
            foreach (var writers in (int[])[256, 16, 1])
            {
                report.Note($"{Count(writers)} over gRPC, {rounds} rounds of {length.TotalSeconds} s each");
                using var ours = Group(server.Socket, writers, name => new StateApiWriter(name, payload));
                using var theirs = Group(etcd.Socket, writers, name => new EtcdWriter(name, payload));
                var (our, their) = await Alternate(rounds, length, server.ProcessId, ours.Run, etcd.ProcessId, theirs.Run, cancellation);
                var figure = report.Add($"gRPC, {Count(writers)}", our.Rate, "writes/s", etcd.Version, their.Rate);
                report.Add($"gRPC, {Count(writers)}, server CPU per write", our.Cpu, "µs", etcd.Version, their.Cpu);
                headline ??= figure;
            }
        }

        await using (var durable = await DurableState.Open(folder.PathOf("s"), cancellation))
        {
            foreach (var writers in (int[])[256, 16, 1])
            {
                report.Note($"{Count(writers)} in one process, {rounds} rounds of {length.TotalSeconds} s each");
                var ours = new StateWriters(durable.State, writers, payload);
                using var theirs = Group(etcd.Socket, writers, name => new EtcdWriter("p" + name, payload));
                var (our, their) = await Alternate(
                    rounds, length, Environment.ProcessId, time => ours.Run(time, cancellation), etcd.ProcessId, theirs.Run, cancellation);
                report.Add($"in-process, {Count(writers)}", our.Rate, "writes/s", etcd.Version, their.Rate);
            }
        }

        return headline!;
    }

    private static string Count(int writers) => writers == 1 ? "1 writer" : $"{writers} writers";

    private static LoadGroup Group(string socketPath, int writers, Func<string, ILoadWriter> make) =>
        new(socketPath, Enumerable.Range(0, writers).Select(writer => make($"{writers}-{writer}")));

    private static async Task<(Speed Ours, Speed Theirs)> Alternate(
        int rounds,
        TimeSpan length,
        int ourProcess,
        Func<TimeSpan, Task<double>> ours,
        int theirProcess,
        Func<TimeSpan, Task<double>> theirs,
        CancellationToken cancellation)
    {
        await ours(WarmUp);
        await theirs(WarmUp);
        var (our, their) = (new List<Speed>(), new List<Speed>());
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            our.Add(await Measure(length, ourProcess, ours));
            their.Add(await Measure(length, theirProcess, theirs));
        }

        return (Speed.Median(our), Speed.Median(their));
    }

    private static async Task<Speed> Measure(TimeSpan length, int process, Func<TimeSpan, Task<double>> run)
    {
        var before = ProcessUse.Cpu(process);
        var rate = await run(length);
        return new Speed(rate, (ProcessUse.Cpu(process) - before).TotalMicroseconds / (rate * length.TotalSeconds));
    }

    private readonly record struct Speed(double Rate, double Cpu)
    {
        public static Speed Median(List<Speed> speeds) =>
            new(Statistics.Median(speeds.Select(speed => speed.Rate)), Statistics.Median(speeds.Select(speed => speed.Cpu)));
    }
}
