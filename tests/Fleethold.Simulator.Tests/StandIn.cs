using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Fleethold.SideroLink.Wire;
using Fleethold.Simulator.Apid;
using Fleethold.Simulator.Fleets;
using Fleethold.Simulator.Provisioning;
using Fleethold.Talos.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Simulator.Tests;

/// <summary>
/// What machines see of a server, played by the test on loopback: provisioning, event sink, log receiver. Each public key gets an address 127.9.x.y.
/// </summary>
internal sealed class StandIn : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly TcpListener _logs = new(IPAddress.Loopback, 0);
    private readonly Task _receiving;
    private readonly ConcurrentDictionary<string, int> _numbers = new();
    private int _next;

    private StandIn(WebApplication application, int port)
    {
        _application = application;
        Port = port;
        _logs.Start();
        _receiving = Receive();
    }

    public int Port { get; }

    public ConcurrentQueue<ProvisionRequest> Requests { get; } = new();

    public ConcurrentQueue<(string From, EventRequest Event)> Events { get; } = new();

    public ConcurrentQueue<(string From, string Line)> Lines { get; } = new();

    /// <summary>Decides about a request; the default gives an address.</summary>
    public Func<ProvisionRequest, ProvisionResponse, ProvisionResponse> Decide { get; set; } = (_, response) => response;

    /// <summary>Decides whether an event is taken.</summary>
    public Func<EventRequest, bool> Takes { get; set; } = _ => true;

    public static async Task<StandIn> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, door => door.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        StandIn? server = null;
        builder.Services.AddSingleton(_ => server!);
        builder.Services.AddSingleton<Provisioning>();
        builder.Services.AddSingleton<Sink>();
        builder.Services.AddSingleton<Streams>();
        var application = builder.Build();
        application.MapGrpcService<Provisioning>();
        application.MapGrpcService<Sink>();
        application.MapGrpcService<Streams>();
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return server = new(application, new Uri(address).Port);
    }

    public JoinParameters Join(bool tunnel = false) => new(
        new Uri($"http://127.0.0.1:{Port}"), "a-token", tunnel, new(IPAddress.Loopback, Port), (IPEndPoint)_logs.LocalEndpoint);

    public Fleet Fleet(QuietDevice device, MachineDirectory directory, TimeProvider? clock = null, bool tunnel = false, int machines = 1) =>
        new(new() { Join = Join(tunnel), Machines = machines }, device, directory, clock ?? TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        _logs.Stop();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _application.DisposeAsync();
    }

    /// <summary>A channel to the Talos API of a machine.</summary>
    public static GrpcChannel Dial(IPAddress machine, int port) => GrpcChannel.ForAddress(
        $"https://{machine}:{port}",
        new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } }, DisposeHttpClient = true });

    public static async Task WriteMeta(IPAddress machine, int port, uint key, string value)
    {
        using var channel = Dial(machine, port);
        await new MachineService.MachineServiceClient(channel).MetaWriteAsync(new() { Key = key, Value = ByteString.CopyFromUtf8(value) });
    }

    private ProvisionResponse Answer(ProvisionRequest request)
    {
        var number = _numbers.GetOrAdd(request.NodePublicKey, _ => Interlocked.Increment(ref _next));
        var response = new ProvisionResponse
        {
            ServerEndpoint = { "127.0.0.1:51820" },
            ServerPublicKey = request.NodePublicKey,
            NodeAddressPrefix = $"127.9.{number >> 8}.{number & 255}/8",
            ServerAddress = "127.0.0.1",
        };
        Requests.Enqueue(request);
        return Decide(request, response);
    }

    private async Task Receive()
    {
        while (true)
        {
            var connection = await _logs.AcceptTcpClientAsync();
            _ = Read(connection);
        }
    }

    private async Task Read(TcpClient connection)
    {
        using (connection)
        {
            var from = ((IPEndPoint)connection.Client.RemoteEndPoint!).Address.ToString();
            using var reader = new StreamReader(connection.GetStream(), Encoding.UTF8);
            while (await reader.ReadLineAsync() is { } line)
            {
                Lines.Enqueue((from, line));
            }
        }
    }

    private sealed class Provisioning(StandIn server) : ProvisionService.ProvisionServiceBase
    {
        public override Task<ProvisionResponse> Provision(ProvisionRequest request, ServerCallContext context) => Task.FromResult(server.Answer(request));
    }

    private sealed class Sink(StandIn server) : EventSinkService.EventSinkServiceBase
    {
        public override Task<EventResponse> Publish(EventRequest request, ServerCallContext context)
        {
            if (!server.Takes(request))
            {
                throw new RpcException(new Status(StatusCode.Unknown, "no machines found for address"));
            }

            server.Events.Enqueue((context.GetHttpContext().Connection.RemoteIpAddress!.ToString(), request));
            return Task.FromResult(new EventResponse());
        }
    }

    private sealed class Streams : WireGuardOverGRPCService.WireGuardOverGRPCServiceBase
    {
        public override async Task CreateStream(IAsyncStreamReader<PeerPacket> requestStream, IServerStreamWriter<PeerPacket> responseStream, ServerCallContext context)
        {
            await responseStream.WriteAsync(new() { Data = ByteString.CopyFromUtf8(context.RequestHeaders.GetValue("x-siderolink-ipv6-addr") ?? "") });
            await foreach (var packet in requestStream.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(packet);
            }
        }
    }
}
