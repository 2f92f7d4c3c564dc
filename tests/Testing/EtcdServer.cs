using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fleethold.Testing;

/// <summary>
/// A real etcd (Debian's <c>etcd-server</c>) for one test: on free loopback ports, with a data directory of its own, ended by its process id.
/// Skips the test where etcd isn't installed.
/// </summary>
public sealed class EtcdServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _clientPort = FreePort();
    private readonly int _peerPort = FreePort();
    private readonly IReadOnlyList<string> _arguments;
    private readonly string _scheme;
    private Process? _process;

    private EtcdServer(string scheme, IReadOnlyList<string> arguments) => (_scheme, _arguments) = (scheme, arguments);

    /// <summary>Where clients reach it.</summary>
    public Uri Endpoint => new(string.Create(CultureInfo.InvariantCulture, $"{_scheme}://127.0.0.1:{_clientPort}"));

    /// <summary>The folder with all that it stores.</summary>
    public string DataFolder => _folder.PathOf("data");

    /// <summary>The process id; 0 while it doesn't run.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="scheme">http or https.</param>
    /// <param name="arguments">Further arguments of etcd.</param>
    public static async Task<EtcdServer> Start(string scheme = "http", params IReadOnlyList<string> arguments)
    {
        var server = new EtcdServer(scheme, arguments);
        try
        {
            await server.Start();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again on the same data.</summary>
    public async Task Start()
    {
        var program = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "etcd")).FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Skip("etcd is not installed (Debian package etcd-server)");
        }

        var peer = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_peerPort}");
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "--name", "test", "--data-dir", DataFolder, "--logger", "zap", "--log-level", "warn",
                "--listen-client-urls", Endpoint.ToString().TrimEnd('/'), "--advertise-client-urls", Endpoint.ToString().TrimEnd('/'),
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"test={peer}",
            },
        };
        foreach (var argument in _arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // An unsupported architecture is no reason not to test on it.
        start.Environment["ETCD_UNSUPPORTED_ARCH"] = "arm64";
        var log = new System.Text.StringBuilder();
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        var started = TimeProvider.System.GetTimestamp();
        while (!await Answers())
        {
            if (_process.HasExited || TimeProvider.System.GetElapsedTime(started) > Deadline.Length)
            {
                throw new InvalidOperationException($"etcd didn't start: {log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        void Append(string? line)
        {
            lock (log)
            {
                log.AppendLine(line);
            }
        }
    }

    /// <summary>Ends it as a power cut would end the process: SIGKILL.</summary>
    public async Task Kill()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Kill();
        _folder.Dispose();
    }

    private async Task<bool> Answers()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // It listens before it serves, but then holds connections until it does.
            await socket.ConnectAsync(IPAddress.Loopback, _clientPort);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
