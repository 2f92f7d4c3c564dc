using System.Globalization;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;
using Fleethold.Interop.Topology;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;
using Fleethold.Resources.Wire.Management;
using Grpc.Core;

namespace Fleethold.Bench.Benchmarks;

/// <summary>
/// Seconds from the first provisioning call until so many simulated machines have joined over real WireGuard: link there, handshake complete, one event
/// and one log line arrived through the tunnel. Server and simulator share the processors. With it: CPU and memory of the server.
/// </summary>
internal sealed class JoinBenchmark : IBenchmark
{
    private const string Address = "192.0.2.1";

    /// <inheritdoc/>
    public string Name => "join";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        if (NamespacePair.Obstacle is { } obstacle)
        {
            throw new InvalidOperationException($"the benchmark {obstacle}");
        }

        var (few, many) = scale is Scale.Quick ? (50, 200) : (1_000, 5_000);
        var settling = scale is Scale.Quick ? TimeSpan.FromSeconds(2) : ProcessUse.Settling;
        var resting = scale is Scale.Quick ? TimeSpan.FromSeconds(5) : TimeSpan.FromMinutes(5);
        var empty = await Measure(0, settling, resting, report, cancellation);
        var small = await Measure(few, settling, resting, report, cancellation);
        var large = await Measure(many, settling, resting, report, cancellation);
        Figure? headline = null;
        foreach (var (machines, measured) in new[] { (few, small), (many, large) })
        {
            var name = machines.ToString("N0", CultureInfo.InvariantCulture);
            var seconds = report.Add($"{name} machines", measured.Seconds, "s");
            headline ??= seconds;
            report.Add($"CPU of the server per join, {name} machines", measured.CpuOfJoining.TotalMilliseconds / machines, "ms");
            report.Add($"memory of the server, {name} machines", measured.Memory, "kB");
            report.Add($"memory of the simulator, {name} machines", measured.MemoryOfSimulator, "kB");
            report.Add(
                $"at rest, above an empty server, per 100 machines of {name}",
                (measured.CpuAtRest - empty.CpuAtRest) / resting / machines * 100 * 100,
                "% of a core");
        }

        report.Add("memory of the server per machine", Statistics.Slope((few, small.Memory), (many, large.Memory)), "kB");
        return headline!;
    }

    private static async Task<Measured> Measure(int machines, TimeSpan settling, TimeSpan resting, Report report, CancellationToken cancellation)
    {
        using var folder = new BenchFolder();
        await using var spaces = await NamespacePair.Create();
        var data = folder.PathOf("data");
        await using var server = ChildProcess.Start(
            "ip",
            folder.Path,
            folder.PathOf("fleethold.log"),
            "netns", "exec", spaces.Server, Checkout.Executable("Fleethold.Server", "fleethold"), "serve", "--defaults", "fleethold", "--data-dir", data,
            "--bind-addr", "127.0.0.1:8443", "--metrics-bind-addr", "127.0.0.1:2122", "--local-resource-server-enabled=false",
            "--machine-api-bind-addr", $"{Address}:8090", "--machine-api-advertised-url", $"grpc://{Address}:8090",
            "--siderolink-wireguard-advertised-addr", $"{Address}:51820");
        var token = "";
        await server.WaitUntilReady(async end => token = await DefaultToken(data, end), cancellation);
        var before = ProcessUse.Cpu(server.Id);
        if (machines == 0)
        {
            await Task.Delay(settling, TimeProvider.System, cancellation);
            return new(0, default, 0, 0, await Rest(server.Id, resting, cancellation));
        }

        report.Note($"{machines} machines join");
        await using var fleet = SimulatedFleet.Start(spaces.Machine, $"grpc://{Address}:8090", token, machines);
        var seconds = await fleet.Joined(machines, TimeSpan.FromMinutes(10), cancellation);
        var cpu = ProcessUse.Cpu(server.Id) - before;
        await Verify(data, machines, cancellation);
        var memory = await ProcessUse.SettledMemory(server.Id, settling, cancellation);
        var simulator = await ProcessUse.SettledMemory(fleet.ProcessId, TimeSpan.Zero, cancellation);
        return new(seconds, cpu, memory, simulator, await Rest(server.Id, resting, cancellation));
    }

    private static async Task<TimeSpan> Rest(int process, TimeSpan length, CancellationToken cancellation)
    {
        var before = ProcessUse.Cpu(process);
        await Task.Delay(length, TimeProvider.System, cancellation);
        return ProcessUse.Cpu(process) - before;
    }

    private static async Task<string> DefaultToken(string data, CancellationToken cancellation)
    {
        var socket = LocalDoor.SocketIn(data);
        if (!File.Exists(socket))
        {
            throw new IOException("no socket yet");
        }

        using var channel = UnixChannel.Open(socket);
        var named = Kinds.DefaultJoinTokens.Named("default");
        var answer = await new State.StateClient(channel).GetAsync(
            new() { Namespace = named.Namespace, Type = named.Type, Id = named.Id, Options = new() }, cancellationToken: cancellation);
        return DefaultJoinTokenSpec.Parser.ParseFrom(answer.Resource.Spec.ProtoSpec).TokenId;
    }

    // What machines believe is one thing: the server must have a link of each, and keep a line of it.
    private static async Task Verify(string data, int machines, CancellationToken cancellation)
    {
        using var channel = UnixChannel.Open(LocalDoor.SocketIn(data));
        var kind = Kinds.Links.Ref;
        using var call = new State.StateClient(channel).List(new() { Namespace = kind.Namespace, Type = kind.Type, Options = new() }, cancellationToken: cancellation);
        var ids = await call.ResponseStream.ReadAllAsync(cancellation).Select(one => one.Resource.Metadata.Id).ToListAsync(cancellation);
        if (ids.Count != machines)
        {
            throw new InvalidOperationException($"{machines} machines say that they have joined, and the server has {ids.Count} links");
        }

        var management = new ManagementService.ManagementServiceClient(channel);
        foreach (var id in ids)
        {
            await Line(management, id, cancellation);
        }
    }

    private static async Task Line(ManagementService.ManagementServiceClient management, string id, CancellationToken cancellation)
    {
        using var logs = management.MachineLogs(new() { MachineId = id, TailLines = 1 }, cancellationToken: cancellation);
        if (!await logs.ResponseStream.MoveNext(cancellation))
        {
            throw new InvalidOperationException($"no log line of machine {id} has arrived");
        }
    }

    private sealed record Measured(double Seconds, TimeSpan CpuOfJoining, double Memory, double MemoryOfSimulator, TimeSpan CpuAtRest);
}
