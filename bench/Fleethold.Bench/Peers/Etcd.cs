using System.Diagnostics;
using Fleethold.Bench.Load;

namespace Fleethold.Bench.Peers;

/// <summary>A single etcd with its default settings, durable as it comes.</summary>
internal sealed class Etcd : IAsyncDisposable
{
    // etcd makes Unix sockets named like a host and port, in its working folder.
    private const string ClientSocket = "client:1";
    private const string PeerSocket = "peer:1";

    private readonly ChildProcess _process;

    private Etcd(ChildProcess process, string socket, string version) => (_process, Socket, Version) = (process, socket, version);

    /// <summary>Its socket for clients.</summary>
    public string Socket { get; }

    /// <summary>The id of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Name and version, as figures name it.</summary>
    public string Version { get; }

    /// <summary>Starts one with an empty store in this folder, and waits until it takes writes.</summary>
    public static async Task<Etcd> Start(string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var process = ChildProcess.Start(
            "etcd",
            folder,
            Path.Combine(folder, "etcd.log"),
            "--data-dir", "data",
            "--listen-client-urls", $"unix://{ClientSocket}",
            "--advertise-client-urls", $"unix://{ClientSocket}",
            "--listen-peer-urls", $"unix://{PeerSocket}",
            "--initial-advertise-peer-urls", $"unix://{PeerSocket}",
            "--initial-cluster", $"default=unix://{PeerSocket}",
            "--quota-backend-bytes", "8589934592");
        var etcd = new Etcd(process, Path.Combine(folder, ClientSocket), await ReadVersion());
        try
        {
            await process.WaitUntilReady(_ => Task.Run(etcd.Probe, cancellation), cancellation);
            return etcd;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private void Probe()
    {
        using var connection = new LeanConnection(Socket);
        connection.Run([new EtcdWriter("probe", new Payload(16))], Stopwatch.GetTimestamp(), TimeSpan.FromMilliseconds(5));
    }

    private static async Task<string> ReadVersion()
    {
        using var etcd = Process.Start(new ProcessStartInfo("etcd", "--version") { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("etcd can't be started: run ./dev setup");
        var text = await etcd.StandardOutput.ReadToEndAsync();
        return "etcd " + text.Split('\n')[0].Replace("etcd Version:", "", StringComparison.Ordinal).Trim();
    }
}
