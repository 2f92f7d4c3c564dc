using System.Globalization;
using System.Text.Json;
using Fleethold.Bench.Measuring;
using Fleethold.Bench.Peers;
using Fleethold.Interop.Topology;

namespace Fleethold.Bench.Benchmarks;

/// <summary>
/// What goes through a tunnel between two network namespaces, MTU 1280: ours on both ends, ours at the server with wireguard-go at the machine, and
/// wireguard-go on both ends, in alternating rounds. Figures are medians of the rounds.
/// </summary>
internal sealed class TunnelBenchmark : IBenchmark
{
    private const string Server = "fdae:41e4:649b:9303::1";
    private const string Machine = "fdae:41e4:649b:9303::2";
    private static readonly (string Name, bool OurServer, bool OurMachine)[] s_pairs =
        [("ours on both ends", true, true), ("ours and wireguard-go", true, false), ("wireguard-go on both ends", false, false)];

    private static readonly (string Name, string Unit, Func<Measured, double> Of)[] s_figures =
    [
        ("TCP, 1 flow", "Gbit/s", one => one.OneFlow),
        ("TCP, 8 flows", "Gbit/s", one => one.EightFlows),
        ("TCP from the server, 1 flow", "Gbit/s", one => one.Backwards),
        ("UDP packets of 64 bytes", "packets/s", one => one.SmallPackets),
        ("round trip, idle", "ms", one => one.IdleRoundTrip),
        ("round trip under load", "ms", one => one.LoadedRoundTrip),
        ("CPU of both ends", "s/Gbit", one => one.CpuPerGbit),
    ];

    /// <inheritdoc/>
    public string Name => "tunnel";

    /// <inheritdoc/>
    public async Task<Figure> Run(Report report, Scale scale, CancellationToken cancellation)
    {
        if ((WireGuardGo.Obstacle ?? (Shell.Has("iperf3") ? null : "needs iperf3 (Debian package iperf3)")) is { } obstacle)
        {
            throw new InvalidOperationException($"the benchmark {obstacle}");
        }

        var version = "wireguard-go " + (await Shell.Try("wireguard-go", "--version")).Output.Split('\n')[0].Split(' ')[^1].TrimStart('v');
        var seconds = scale is Scale.Quick ? 1 : 5;
        var rounds = new List<Measured>[s_pairs.Length];
        for (var round = 0; round < (scale is Scale.Quick ? 1 : 3); round++)
        {
            for (var i = 0; i < s_pairs.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                report.Note($"round {round + 1}: {s_pairs[i].Name}");
                (rounds[i] ??= []).Add(await Measure(s_pairs[i].OurServer, s_pairs[i].OurMachine, seconds, cancellation));
            }
        }

        Figure? headline = null;
        foreach (var (name, unit, of) in s_figures)
        {
            var theirs = Statistics.Median(rounds[^1].Select(of));
            for (var i = 0; i < s_pairs.Length - 1; i++)
            {
                var figure = report.Add($"{name}, {s_pairs[i].Name}", Statistics.Median(rounds[i].Select(of)), unit, $"{version} on both ends", theirs);
                headline ??= figure;
            }
        }

        return headline!;
    }

    private static async Task<Measured> Measure(bool ourServer, bool ourMachine, int seconds, CancellationToken cancellation)
    {
        await using var net = await NamespacePair.Create();
        var serverKey = await WireGuardGo.NewKey();
        var machineKey = await WireGuardGo.NewKey();
        await using var server = await End.Start(ourServer, net.Server, serverKey.Private, Server, 51820, machineKey.Public, Machine, null);
        await using var machine = await End.Start(ourMachine, net.Machine, machineKey.Private, Machine, 51821, serverKey.Public, Server, "192.0.2.1:51820");
        await Shell.Until("the server answers through the tunnel", async () => (await Shell.Try("ip", "netns", "exec", net.Machine, "ping", "-6", "-c", "1", "-W", "1", Server)).Code == 0);
        using var folder = new BenchFolder();
        await using var sink = ChildProcess.Start("ip", "/", folder.PathOf("iperf3.log"), "netns", "exec", net.Server, "iperf3", "-6", "-s", "-B", Server);
        await Shell.Until("iperf3 answers", async () => (await Shell.Try("ip", "netns", "exec", net.Machine, "iperf3", "-6", "-c", Server, "-n", "1M")).Code == 0);

        await Load(net.Machine, 1, "-P", "4"); // what is compiled late is compiled then
        var idle = await RoundTrip(net.Machine, 50);
        var before = ProcessUse.Cpu(server.Id) + ProcessUse.Cpu(machine.Id);
        var one = await Load(net.Machine, seconds);
        var cpu = ProcessUse.Cpu(server.Id) + ProcessUse.Cpu(machine.Id) - before;
        var eight = await Load(net.Machine, seconds, "-P", "8");
        var backwards = await Load(net.Machine, seconds, "-R");
        var loading = Load(net.Machine, seconds);
        var loaded = await RoundTrip(net.Machine, 50 * seconds);
        await loading;
        var small = await SmallPackets(net, seconds);
        cancellation.ThrowIfCancellationRequested();
        return new Measured(one.Rate, eight.Rate, backwards.Rate, small, idle, loaded, cpu.TotalSeconds / one.Gbit);
    }

    private static async Task<(double Rate, double Gbit)> Load(string name, int seconds, params string[] further)
    {
        using var result = await Iperf(name, seconds, further);
        var sum = result.RootElement.GetProperty("end").GetProperty("sum_received");
        return (sum.GetProperty("bits_per_second").GetDouble() / 1e9, sum.GetProperty("bytes").GetDouble() * 8 / 1e9);
    }

    private static async Task<double> SmallPackets(NamespacePair net, int seconds)
    {
        var program = Checkout.TestProgram("Interop", "Fleethold.Interop");
        await using var to = AgentProcess.Start(net.Server, program);
        await using var from = AgentProcess.Start(net.Machine, program);
        await to.Ask($"sink {Server} 6000");
        await from.Ask($"flood {Server} 6000 64 300");
        var before = long.Parse(await to.Ask("sunk"), CultureInfo.InvariantCulture);
        await from.Ask(string.Create(CultureInfo.InvariantCulture, $"flood {Server} 6000 64 {seconds * 1000}"));
        return (double)(long.Parse(await to.Ask("sunk"), CultureInfo.InvariantCulture) - before) / seconds;
    }

    private static async Task<JsonDocument> Iperf(string name, int seconds, params string[] further)
    {
        var time = seconds.ToString(CultureInfo.InvariantCulture);
        return JsonDocument.Parse(await Shell.In(name, "iperf3", ["-6", "-c", Server, "-t", time, "-J", .. further]));
    }

    /// <summary>The mean of many pings, in ms.</summary>
    private static async Task<double> RoundTrip(string name, int pings)
    {
        var output = await Shell.In(name, "ping", "-6", "-n", "-q", "-i", "0.01", "-c", pings.ToString(CultureInfo.InvariantCulture), Server);
        return double.Parse(output[output.LastIndexOf("= ", StringComparison.Ordinal)..].Split('/')[1], CultureInfo.InvariantCulture);
    }

    private sealed record Measured(
        double OneFlow, double EightFlows, double Backwards, double SmallPackets, double IdleRoundTrip, double LoadedRoundTrip, double CpuPerGbit);

    /// <summary>One end of the tunnel: our engine or wireguard-go.</summary>
    private sealed class End(IAsyncDisposable process, int id) : IAsyncDisposable
    {
        public int Id => id;

        public static async Task<End> Start(bool ours, string name, string key, string address, int port, string peer, string peerAddress, string? endpoint)
        {
            if (ours)
            {
                var agent = AgentProcess.Start(name, Checkout.TestProgram("Interop", "Fleethold.Interop"));
                await agent.Ask(string.Create(CultureInfo.InvariantCulture, $"open siderolink {key} {address} {port} 25"));
                await agent.Ask($"peer {peer} {peerAddress} {endpoint ?? "-"}");
                return new End(agent, agent.Id);
            }

            var theirs = await WireGuardGo.Start(name, key, port, address + "/64");
            await theirs.SetPeer(peer, peerAddress + "/128", endpoint, 25);
            return new End(theirs, theirs.Id);
        }

        public ValueTask DisposeAsync() => process.DisposeAsync();
    }
}
