using System.Net;
using System.Net.Sockets;
using System.Text;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire.Management;
using Fleethold.Server.Configuration;
using Fleethold.Server.Machines;
using Fleethold.Testing;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Server.Tests.Machines;

/// <summary>Logs of machines from the receiver's port to the management API, in a whole server.</summary>
public class MachineLogTests
{
    [Fact]
    public async Task Lines_that_a_machine_sends_are_read_raw_by_tail_and_followed()
    {
        var port = FreePort();
        await using var server = await RunningServer.Start(configuration => WithLogs(configuration, port), services: RunningServer.WithoutRules);
        await Join(server, "m1", "127.0.0.1");
        using var machine = await Connect(port, "127.0.0.1");
        await Send(machine, "{\"msg\":\"one\"}\n{\"msg\":\"two\"}\n\n");
        var client = new ManagementService.ManagementServiceClient(server.SocketChannel());
        await Stored(server, "m1", 2);

        Assert.Equal(["{\"msg\":\"one\"}", "{\"msg\":\"two\"}"], await Read(client, "m1", -1));
        Assert.Equal(["{\"msg\":\"two\"}"], await Read(client, "m1", 1));
        Assert.Empty(await Read(client, "m1", 0));

        using var follower = client.MachineLogs(new MachineLogsRequest { MachineId = "m1", Follow = true, TailLines = 1 });
        Assert.Equal("{\"msg\":\"two\"}", await Next(follower));
        await Send(machine, "three\n");
        Assert.Equal("three", await Next(follower));

        _ = (await server.State.Destroy(Kinds.Machines.Named("m1"))).Fault;
        Assert.Null(await Next(follower));
        Assert.Equal(StatusCode.NotFound, (await RunningServer.StatusOf(() => Read(client, "m1", -1))).StatusCode);
    }

    [Fact]
    public async Task Bad_requests_are_refused_in_the_words_of_the_contract()
    {
        await using var server = await RunningServer.Start();
        var client = new ManagementService.ManagementServiceClient(server.SocketChannel());
        Assert.Equal(
            new Status(StatusCode.InvalidArgument, "machine id is required").ToString(), (await RunningServer.StatusOf(() => Read(client, "", -1))).ToString());
        Assert.Equal(
            new Status(StatusCode.NotFound, "failed to get log store for machine \"m9\": log store not found: m9").ToString(),
            (await RunningServer.StatusOf(() => Read(client, "m9", -1))).ToString());
    }

    [Fact]
    public async Task A_followed_log_ends_well_when_the_server_stops()
    {
        var server = await RunningServer.Start();
        var sink = server.App.Services.GetRequiredService<LogSink>();
        Assert.True(sink.Store.TryWrite("m1", "a"u8));
        await sink.Store.Flush();
        var client = new ManagementService.ManagementServiceClient(server.SocketChannel());
        using var follower = client.MachineLogs(new MachineLogsRequest { MachineId = "m1", Follow = true, TailLines = -1 });
        Assert.Equal("a", await Next(follower));
        var stopping = server.App.StopAsync(Deadline.Token);
        Assert.Null(await Next(follower));
        await Deadline.Within(stopping);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Logs_survive_a_restart_of_the_server()
    {
        using var folder = new TemporaryFolder();
        var port = FreePort();
        await using (var first = await RunningServer.Start(configuration => Durable(WithLogs(configuration, port)), folder: folder, services: RunningServer.WithoutRules))
        {
            await Join(first, "m1", "127.0.0.1");
            using var machine = await Connect(port, "127.0.0.1");
            await Send(machine, "kept\n");
            await Stored(first, "m1", 1);
        }

        await using var second = await RunningServer.Start(configuration => Durable(WithLogs(configuration, port)), folder: folder, services: RunningServer.WithoutRules);
        Assert.Equal(["kept"], await Read(new ManagementService.ManagementServiceClient(second.SocketChannel()), "m1", -1));

        static ServerConfiguration Durable(ServerConfiguration configuration) =>
            configuration with { Storage = configuration.Storage with { Store = new StoreSettings.Sqlite() } };
    }

    [Fact]
    public async Task Strangers_are_closed_and_dropped_lines_are_counted_in_the_metrics()
    {
        var port = FreePort();
        await using var server = await RunningServer.Start(configuration => WithLogs(configuration, port) with
        {
            MachineLogs = new MachineLogSettings { BytesPerSecond = 4 },
        }, services: RunningServer.WithoutRules);
        await Closed(port, "127.0.0.3");

        await Join(server, "m1", "127.0.0.1");
        using var machine = await Connect(port, "127.0.0.1");
        await Send(machine, "too long\nfits\n");
        await Stored(server, "m1", 1);
        var counters = server.App.Services.GetRequiredService<LogSink>().Receiver!.Counters;
        while (counters.Bytes != 4)
        {
            Deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        using var web = new HttpClient();
        var metrics = await web.GetStringAsync(new Uri($"http://127.0.0.1:{server.MetricsPort}/metrics"), Deadline.Token);
        Assert.Contains("omni_machine_logs_dropped_total{reason=\"oversize\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("omni_machine_logs_dropped_total{reason=\"rate_limit\"} 0", metrics, StringComparison.Ordinal);
        Assert.Matches(@"omni_machine_logs_ingested_bytes_total(\{\})? 4", metrics);
        Assert.Matches(@"fleethold_machine_logs_strangers_total(\{\})? 1", metrics);
    }

    private static ServerConfiguration WithLogs(ServerConfiguration configuration, int port) => configuration with
    {
        SideroLink = SideroLinkSettings.Off with { SinkAddress = IPAddress.Loopback, LogServerPort = port, EventSinkPort = FreePort() },
    };

    private static async Task Join(RunningServer server, string id, string address)
    {
        var machine = Kinds.Machines.New(id, new MachineSpec());
        var labelled = machine.With(machine.Metadata with { Labels = machine.Metadata.Labels.With("omni.sidero.dev/address", address) });
        _ = (await server.State.Create(labelled)).Value;

        // The sink hears of it by its own watch.
        var sink = server.App.Services.GetRequiredService<LogSink>();
        while (sink.Machines.Find(IPAddress.Parse(address)) != id)
        {
            Deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task Stored(RunningServer server, string machine, int lines)
    {
        var store = server.App.Services.GetRequiredService<LogSink>().Store;
        var seen = 0;
        await foreach (var line in store.Read(machine, -1, follow: true, Deadline.Token))
        {
            if (++seen == lines)
            {
                return;
            }
        }
    }

    private static async Task<List<string>> Read(ManagementService.ManagementServiceClient client, string machine, int tail)
    {
        using var call = client.MachineLogs(new MachineLogsRequest { MachineId = machine, TailLines = tail }, deadline: DateTime.MaxValue);
        var lines = new List<string>();
        while (await Next(call) is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    private static async Task<string?> Next(AsyncServerStreamingCall<Fleethold.Resources.Wire.Common.Data> call) =>
        await call.ResponseStream.MoveNext(Deadline.Token) ? call.ResponseStream.Current.Bytes.ToStringUtf8() : null;

    private static async Task<Socket> Connect(int port, string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port, Deadline.Token);
        return socket;
    }

    private static async Task Send(Socket socket, string text) => await socket.SendAsync(Encoding.UTF8.GetBytes(text), SocketFlags.None, Deadline.Token);

    /// <summary>A stranger may be cut off before it knows that it was connected.</summary>
    private static async Task Closed(int port, string from)
    {
        try
        {
            using var stranger = await Connect(port, from);
            Assert.Equal(0, await stranger.ReceiveAsync(new byte[1], SocketFlags.None, Deadline.Token));
        }
        catch (SocketException failure)
        {
            Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
