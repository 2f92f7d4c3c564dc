using Fleethold.Bench.Load;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;
using Fleethold.Resources.Wire;

namespace Fleethold.Bench.Benchmarks;

/// <summary>
/// Durable writes per second of 1 KiB, beside etcd on the same disk. This process is the client; the server and etcd are processes of their own,
/// both reached over Unix sockets by the same kind of client with the same number of channels, in alternating rounds of which the median counts.
/// </summary>
internal sealed class StoreBenchmark : IBenchmark
{
    private const int PayloadSize = 1024;
    private const int Channels = 8;

    // Both programs compile or page in what they need.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public string Name => "store";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        var rounds = scale is Scale.Quick ? 1 : 5;
        var length = TimeSpan.FromSeconds(scale is Scale.Quick ? 1.5 : 5);
        using var folder = new BenchFolder();
        await using var etcd = await Etcd.Start(folder.PathOf("e"), cancellation);
        using var etcdChannels = new Channels(Channels, etcd.Connect);
        Figure? headline = null;

        await using (var server = await FleetholdServer.Start(folder.PathOf("f"), cancellation))
        {
            using var channels = new Channels(Channels, server.Connect);
            foreach (var writers in (int[])[256, 16, 1])
            {
                report.Note($"{writers} writers over gRPC, {rounds} rounds of {length.TotalSeconds} s each");
                var (ours, theirs) = await Alternate(
                    rounds,
                    length,
                    () => ProcessUse.Cpu(server.ProcessId),
                    () => ProcessUse.Cpu(etcd.ProcessId),
                    Make(writers, (i, name, payload) => new StateApiWriter(new State.StateClient(channels[i]), name, payload)),
                    Make(writers, (i, name, payload) => new EtcdWriter(etcdChannels[i], name, payload)),
                    cancellation);
                var figure = report.Add($"gRPC, {Count(writers)}", ours.Rate, "writes/s", etcd.Version, theirs.Rate);
                report.Add($"gRPC, {Count(writers)}, server CPU per write", ours.Cpu, "µs", etcd.Version, theirs.Cpu);
                headline ??= figure;
            }
        }

        await using (var state = await DurableState.Open(folder.PathOf("s"), cancellation))
        {
            foreach (var writers in (int[])[256, 16, 1])
            {
                report.Note($"{writers} writers in one process, {rounds} rounds of {length.TotalSeconds} s each");
                var (ours, theirs) = await Alternate(
                    rounds,
                    length,
                    () => ProcessUse.Cpu(Environment.ProcessId),
                    () => ProcessUse.Cpu(etcd.ProcessId),
                    Make(writers, (_, name, payload) => new StateWriter(state.State, name, payload)),
                    Make(writers, (i, name, payload) => new EtcdWriter(etcdChannels[i], "p" + name, payload)),
                    cancellation);
                report.Add($"in-process, {Count(writers)}", ours.Rate, "writes/s", etcd.Version, theirs.Rate);
            }
        }

        return headline!;
    }

    private static string Count(int writers) => writers == 1 ? "1 writer" : $"{writers} writers";

    private static IWriter[] Make(int count, Func<int, string, Payload, IWriter> make)
    {
        var payload = new Payload(PayloadSize);
        return [.. Enumerable.Range(0, count).Select(i => make(i, $"{count}-{i}", payload))];
    }

    private static async Task<(Speed Ours, Speed Theirs)> Alternate(
        int rounds, TimeSpan length, Func<TimeSpan> ourCpu, Func<TimeSpan> theirCpu, IWriter[] ours, IWriter[] theirs, CancellationToken cancellation)
    {
        await Writers.Run(ours, WarmUp, cancellation);
        await Writers.Run(theirs, WarmUp, cancellation);
        var (our, their) = (new List<Speed>(), new List<Speed>());
        for (var round = 0; round < rounds; round++)
        {
            our.Add(await Measure(ours, length, ourCpu, cancellation));
            their.Add(await Measure(theirs, length, theirCpu, cancellation));
        }

        return (Speed.Median(our), Speed.Median(their));
    }

    private static async Task<Speed> Measure(IWriter[] writers, TimeSpan length, Func<TimeSpan> cpu, CancellationToken cancellation)
    {
        var before = cpu();
        var rate = await Writers.Run(writers, length, cancellation);
        return new Speed(rate, (cpu() - before).TotalMicroseconds / (rate * length.TotalSeconds));
    }

    private readonly record struct Speed(double Rate, double Cpu)
    {
        public static Speed Median(List<Speed> speeds) =>
            new(Statistics.Median(speeds.Select(speed => speed.Rate)), Statistics.Median(speeds.Select(speed => speed.Cpu)));
    }
}
