using System.Net;
using System.Net.Sockets;
using Fleethold.Resources.Wire;
using Fleethold.Runtime;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.Testing;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Server.Tests;

/// <summary>A whole server in this process, on loopback ports of the system's choice and a Unix socket in a folder of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly List<GrpcChannel> _channels = [];
    private readonly TemporaryFolder _folder;
    private readonly bool _ownsFolder;

    private RunningServer(WebApplication app, ServerOptions options, TemporaryFolder folder, bool ownsFolder) =>
        (App, Options, _folder, _ownsFolder) = (app, options, folder, ownsFolder);

    public WebApplication App { get; }

    public ServerOptions Options { get; }

    /// <summary>The state with the rights of the server itself.</summary>
    public IState State => App.Services.GetRequiredService<ServerState>().Inside;

    /// <summary>The TLS port.</summary>
    public int ApiPort => PortOf(0);

    /// <summary>The local door for readers.</summary>
    public int ReaderPort => PortOf(1);

    /// <summary>The port of the metrics.</summary>
    public int MetricsPort => PortOf(2);

    public static async Task<RunningServer> Start(
        Func<ServerOptions, ServerOptions>? change = null, TimeProvider? clock = null, TemporaryFolder? folder = null, Action<WebApplication>? prepare = null)
    {
        var home = folder ?? new TemporaryFolder();
        var options = new ServerOptions
        {
            DataFolder = home.PathOf("data"),
            Durable = false,
            Api = new IPEndPoint(IPAddress.Loopback, 0),
            LocalReader = new IPEndPoint(IPAddress.Loopback, 0),
            Metrics = new IPEndPoint(IPAddress.Loopback, 0),
            LogLevel = Microsoft.Extensions.Logging.LogLevel.Warning,
            LogFormat = LogFormat.Text,
        };
        options = change?.Invoke(options) ?? options;
        var app = Program.Compose(options, clock);
        prepare?.Invoke(app);
        try
        {
            await app.StartAsync(Deadline.Token);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new RunningServer(app, options, home, folder is null);
    }

    /// <summary>A client of the Unix socket.</summary>
    public State.StateClient Socket() => new(SocketChannel());

    /// <summary>A client of the local door for readers.</summary>
    public State.StateClient Reader() => new(ReaderChannel());

    public GrpcChannel SocketChannel() => SocketChannelTo(Options.SocketPath);

    /// <summary>A channel to some server's Unix socket.</summary>
    public GrpcChannel SocketChannelTo(string path) => Keep(GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null,
        MaxSendMessageSize = null,
        HttpHandler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        },
    }));

    public GrpcChannel ReaderChannel() => Keep(GrpcChannel.ForAddress($"http://127.0.0.1:{ReaderPort}"));

    public GrpcChannel Keep(GrpcChannel channel)
    {
        _channels.Add(channel);
        return channel;
    }

    /// <summary>The status that a call ends with.</summary>
    public static async Task<Status> StatusOf(Func<Task> call)
    {
        try
        {
            await Deadline.Within(call());
            return Status.DefaultSuccess;
        }
        catch (RpcException error)
        {
            return error.Status;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }

        await App.StopAsync(Deadline.Token);
        await App.DisposeAsync();
        if (_ownsFolder)
        {
            _folder.Dispose();
        }
    }

    private int PortOf(int index)
    {
        var addresses = App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return Microsoft.AspNetCore.Http.BindingAddress.Parse(addresses.Where(address => !address.Contains("unix:", StringComparison.Ordinal)).ElementAt(index)).Port;
    }
}
