using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Fleethold.Resources.Wire;
using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.Configuration.Table;
using Fleethold.Server.States;
using Fleethold.Testing;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleethold.Server.Tests;

/// <summary>A whole server in this process, on loopback ports of the system's choice and a Unix socket in a folder of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly List<GrpcChannel> _channels = [];
    private readonly TemporaryFolder _folder;
    private readonly bool _ownsFolder;

    private RunningServer(WebApplication app, ServerConfiguration configuration, TemporaryFolder folder, bool ownsFolder) =>
        (App, Configuration, _folder, _ownsFolder) = (app, configuration, folder, ownsFolder);

    public WebApplication App { get; }

    public ServerConfiguration Configuration { get; }

    /// <summary>The state with the rights of the server itself.</summary>
    public IState State => App.Services.GetRequiredService<ServerState>().Inside;

    /// <summary>The TLS port.</summary>
    public int ApiPort => PortOf(0);

    /// <summary>The local door for readers.</summary>
    public int ReaderPort => PortOf(1);

    /// <summary>The port of the metrics.</summary>
    public int MetricsPort => PortOf(2);

    /// <summary>For <c>services</c> of <see cref="Start"/>: no rule acts on what a test puts into the state.</summary>
    public static void WithoutRules(IServiceCollection services) =>
        services.Remove(services.Single(service => service.ImplementationType == typeof(ControllerStage)));

    /// <summary>The event sink, which is there where the settings name an address for it.</summary>
    public int EventSinkPort => PortOf(3);

    public static async Task<RunningServer> Start(
        Func<ServerConfiguration, ServerConfiguration>? change = null, TimeProvider? clock = null, TemporaryFolder? folder = null, Action<WebApplication>? prepare = null,
        Action<IServiceCollection>? services = null)
    {
        var home = folder ?? new TemporaryFolder();
        var data = home.PathOf("data");
        var free = new ListenAddress("127.0.0.1", 0);
        var configuration = new ServerConfiguration
        {
            Defaults = Defaults.Fleethold,
            Account = new AccountSettings("8c0e5d4e-6f7a-4b39-9a51-1f1c0d6b7a10", "default"),
            Api = new ApiSettings(free, new Uri("https://localhost"), new TlsSettings.OwnCertificate()),
            Metrics = new MetricsSettings(free, new TlsSettings.None()),
            LocalDoors = new LocalDoorSettings(0, Path.Combine(data, "fleethold.sock")),
            Storage = new StorageSettings(data, new StoreSettings.Memory(), []),
            Keys = new KeySettings(Path.Combine(data, "store.key"), true, null, null, new VaultSettings(null, null, "kubernetes"), []),
            Logs = new LogSettings(LogLevel.Warning, LogFormat.Text),
        };
        configuration = change?.Invoke(configuration) ?? configuration;
        var app = Program.Compose(configuration, clock, services);
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

        return new RunningServer(app, configuration, home, folder is null);
    }

    /// <summary>The Unix socket.</summary>
    public string SocketPath => Configuration.LocalDoors.SocketPath;

    /// <summary>The CA of the server, as a client gets it.</summary>
    public X509Certificate2 Ca => X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Configuration.Storage.DataDirectory, "tls", "ca.crt"));

    /// <summary>A client of the Unix socket.</summary>
    public State.StateClient Socket() => new(SocketChannel());

    /// <summary>A client of the local door for readers.</summary>
    public State.StateClient Reader() => new(ReaderChannel());

    public GrpcChannel SocketChannel() => SocketChannelTo(SocketPath);

    /// <summary>A channel to some server's Unix socket.</summary>
    public GrpcChannel SocketChannelTo(string path) => Keep(GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null,
        MaxSendMessageSize = null,
        HttpHandler = SocketHandler(path),
    }));

    public GrpcChannel ReaderChannel() => Keep(GrpcChannel.ForAddress($"http://127.0.0.1:{ReaderPort}"));

    /// <summary>A channel to the TLS port that trusts the server's own CA and nothing else.</summary>
    public GrpcChannel TlsChannel() => Keep(GrpcChannel.ForAddress($"https://localhost:{ApiPort}", new GrpcChannelOptions { HttpHandler = TlsHandler(Ca) }));

    /// <summary>A web client that trusts the server's own CA and nothing else.</summary>
    public HttpClient TlsClient() => new(TlsHandler(Ca));

    /// <summary>A handler that trusts one root and checks the name.</summary>
    public static SocketsHttpHandler TlsHandler(X509Certificate2 root)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(root);
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
    }

    /// <summary>A Get over bare HTTP/2: the size of the message and its compression flag.</summary>
    public async Task<(int Size, int Flag)> RawGet(GetRequest get, params string[] gzipHeaders)
    {
        var message = get.ToByteArray();
        byte[] framed = [0, .. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(message.Length)), .. message];
        using var client = new HttpClient(SocketHandler(SocketPath));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost/cosi.resource.State/Get")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(framed) { Headers = { ContentType = new("application/grpc") } },
        };
        request.Headers.TE.ParseAdd("trailers");
        foreach (var header in gzipHeaders)
        {
            request.Headers.Add(header, "gzip");
        }

        using var answer = await client.SendAsync(request, Deadline.Token);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Deadline.Token);
        return (bytes.Length - 5, bytes[0]);
    }

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

    private static SocketsHttpHandler SocketHandler(string path) => new()
    {
        EnableMultipleHttp2Connections = true,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    private int PortOf(int index)
    {
        var addresses = App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return Microsoft.AspNetCore.Http.BindingAddress.Parse(addresses.Where(address => !address.Contains("unix:", StringComparison.Ordinal)).ElementAt(index)).Port;
    }
}
