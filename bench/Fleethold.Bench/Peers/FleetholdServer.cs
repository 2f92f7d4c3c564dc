using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleethold.Bench.Peers;

/// <summary><c>fleethold serve</c> in a process of its own, with its store in a folder.</summary>
internal sealed class FleetholdServer : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly string _folder;

    private FleetholdServer(ChildProcess process, string folder, TimeSpan startTime) =>
        (_process, _folder, StartTime) = (process, folder, startTime);

    /// <summary>The id of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>From the start of the process to the first answered read.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Starts it and waits until it answers a read.</summary>
    /// <param name="folder">A folder of the benchmark; the data directory is below it and is kept from start to start.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public static async Task<FleetholdServer> Start(string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var begin = Stopwatch.GetTimestamp();
        var process = ChildProcess.Start(
            Checkout.Executable("Fleethold.Server", "fleethold"),
            folder,
            Path.Combine(folder, "fleethold.log"),
            "serve",
            "--defaults", "fleethold",
            "--data-dir", DataFolder(folder),
            "--bind-addr", $"127.0.0.1:{FreePort()}",
            "--metrics-bind-addr", $"127.0.0.1:{FreePort()}",
            "--local-resource-server-enabled=false",
            "--tunnel=false");
        try
        {
            await process.WaitUntilReady(token => Read(folder, token), cancellation);
            return new FleetholdServer(process, folder, Stopwatch.GetElapsedTime(begin));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>The Unix socket, which has full rights.</summary>
    public string Socket => SocketPath(_folder);

    /// <summary>A channel to it.</summary>
    public GrpcChannel Connect() => UnixChannel.Open(Socket);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string DataFolder(string folder) => Path.Combine(folder, "data");

    private static string SocketPath(string folder) => Path.Combine(DataFolder(folder), "fleethold.sock");

    private static async Task Read(string folder, CancellationToken cancellation)
    {
        if (!File.Exists(SocketPath(folder)))
        {
            throw new IOException("no socket yet");
        }

        using var channel = UnixChannel.Open(SocketPath(folder));
        var version = Kinds.SysVersions.Named("current");
        await new State.StateClient(channel).GetAsync(
            new GetRequest { Namespace = version.Namespace, Type = version.Type, Id = version.Id, Options = new() },
            new CallOptions(cancellationToken: cancellation));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
