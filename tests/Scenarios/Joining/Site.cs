using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Fleethold.Interop.Topology;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;
using Fleethold.Resources.Wire.Management;
using Fleethold.Testing;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleethold.Scenarios.Joining;

/// <summary>
/// A server in one network namespace, simulated machines in another, a wire between them, and the server's Unix socket for the test to look. All of
/// it is removed at the end.
/// </summary>
internal sealed class Site : IAsyncDisposable
{
    private const string ServerAddress = "192.0.2.1";

    private readonly TemporaryFolder _folder = new();
    private readonly NamespacePair _spaces;
    private readonly List<Child> _fleets = [];
    private Child? _server;
    private GrpcChannel? _channel;

    private Site(NamespacePair spaces) => _spaces = spaces;

    private string StrangerSpace => _spaces.Server + "-strangers";

    /// <summary>Makes it and starts the server, or skips the test where it can't be.</summary>
    public static async Task<Site> Create()
    {
        if (NamespacePair.Obstacle is { } obstacle)
        {
            Assert.Skip(obstacle);
        }

        var site = new Site(await NamespacePair.Create());
        try
        {
            await site.StartServer();
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server on the data that it has.</summary>
    public async Task StartServer()
    {
        _server = Child.Start(
            _spaces.Server,
            "Fleethold.Server",
            "fleethold",
            "serve", "--defaults", "fleethold", "--data-dir", _folder.PathOf("data"), "--bind-addr", "127.0.0.1:8443",
            "--metrics-bind-addr", "127.0.0.1:2122", "--machine-api-bind-addr", $"{ServerAddress}:8090",
            "--machine-api-advertised-url", $"grpc://{ServerAddress}:8090", "--siderolink-wireguard-advertised-addr", $"{ServerAddress}:51820").Mute();
        _channel = Open(LocalDoor.SocketIn(_folder.PathOf("data")));
        await Until(async () => File.Exists(LocalDoor.SocketIn(_folder.PathOf("data"))) && (await List(Kinds.DefaultJoinTokens)).Count == 1, "the server answers");
    }

    /// <summary>Ends the server as a power cut does.</summary>
    public async Task KillServer()
    {
        await _server!.DisposeAsync();
        _channel!.Dispose();
        File.Delete(LocalDoor.SocketIn(_folder.PathOf("data")));
    }

    /// <summary>Starts machines with the default join token, or another.</summary>
    public async Task<Child> Machines(int count, string? token = null, params IEnumerable<string> arguments)
    {
        token ??= (await List(Kinds.DefaultJoinTokens)).Single().Spec.TokenId;
        var fleet = Child.Start(
            _spaces.Machine,
            "Fleethold.Simulator",
            "fleethold-sim",
            ["--interactive", "--api", $"grpc://{ServerAddress}:8090", "--token", token, "--machines", count.ToString(CultureInfo.InvariantCulture), .. arguments]);
        _fleets.Add(fleet);
        return fleet;
    }

    /// <summary>Starts machines with a token that nobody made, and a flood of handshakes from keys that nobody knows, in a namespace of their own.</summary>
    public async Task<Child> Strangers(int count, string serverKey)
    {
        await Shell.Run("ip", "netns", "add", StrangerSpace);
        await Shell.Run("ip", "-n", _spaces.Server, "link", "add", "strange", "type", "veth", "peer", "name", "outer", "netns", StrangerSpace);
        await Shell.Run("ip", "-n", _spaces.Server, "link", "set", "strange", "up");
        await Shell.Run("ip", "-n", _spaces.Server, "address", "add", "10.101.1.1/24", "dev", "strange");
        await Shell.Run("ip", "-n", StrangerSpace, "link", "set", "lo", "up");
        await Shell.Run("ip", "-n", StrangerSpace, "link", "set", "outer", "up");
        await Shell.Run("ip", "-n", StrangerSpace, "address", "add", "10.101.1.2/24", "dev", "outer");
        await Shell.Run("ip", "-n", StrangerSpace, "route", "add", "default", "via", "10.101.1.1");
        var strangers = Child.Start(
            StrangerSpace,
            "Fleethold.Simulator",
            "fleethold-sim",
            [
                "--interactive", "--api", $"grpc://{ServerAddress}:8090", "--token", "nobody-made-this", "--seed", "99", "--machines",
                count.ToString(CultureInfo.InvariantCulture),
            ]);
        _fleets.Add(strangers);
        Assert.Equal("ok", await strangers.Ask($"flood {ServerAddress}:51820 {serverKey} 2000"));
        return strangers;
    }

    /// <summary>Waits until so many machines of a fleet have joined.</summary>
    public static Task Joined(Child fleet, int count) => Until(async () => Number(await fleet.Ask("report"), "joined") == count, $"{count} machines joined", () => fleet.Ask("report"));

    /// <summary>A number out of an answer of a fleet.</summary>
    public static long Number(string json, string name) => (long)JsonDocument.Parse(json).RootElement.GetProperty(name).GetDouble();

    /// <summary>A text out of an answer of a fleet.</summary>
    public static string? Text(string json, string name) => JsonDocument.Parse(json).RootElement.GetProperty(name).GetString();

    /// <summary>All resources of a kind, by id.</summary>
    public async Task<IReadOnlyList<(string Id, T Spec)>> List<T>(ResourceKind<T> kind)
        where T : class, IMessage<T>, new()
    {
        using var call = new State.StateClient(_channel).List(new() { Namespace = kind.Ref.Namespace, Type = kind.Ref.Type, Options = new() }, cancellationToken: Deadline.Token);
        var parser = new MessageParser<T>(() => new T());
        return await call.ResponseStream.ReadAllAsync().Select(one => (one.Resource.Metadata.Id, parser.ParseFrom(one.Resource.Spec.ProtoSpec))).ToListAsync();
    }

    /// <summary>The lines of a machine that the server keeps.</summary>
    public async Task<IReadOnlyList<string>> Logs(string machine)
    {
        using var call = new ManagementService.ManagementServiceClient(_channel).MachineLogs(new() { MachineId = machine, TailLines = -1 }, cancellationToken: Deadline.Token);
        try
        {
            return await call.ResponseStream.ReadAllAsync().Select(one => one.Bytes.ToStringUtf8()).ToListAsync();
        }
        catch (RpcException none) when (none.StatusCode is StatusCode.NotFound)
        {
            return [];
        }
    }

    /// <summary>Revokes the default join token.</summary>
    public async Task RevokeToken()
    {
        var state = new State.StateClient(_channel);
        var id = (await List(Kinds.DefaultJoinTokens)).Single().Spec.TokenId;
        var token = (await state.GetAsync(new() { Namespace = Kinds.JoinTokens.Ref.Namespace, Type = Kinds.JoinTokens.Ref.Type, Id = id, Options = new() })).Resource;
        var spec = JoinTokenSpec.Parser.ParseFrom(token.Spec.ProtoSpec);
        spec.Revoked = true;
        token.Spec = new() { ProtoSpec = spec.ToByteString() };
        await state.UpdateAsync(new() { NewResource = token, Options = new() });
    }

    /// <summary>Waits for what others bring about; 90 s, as WireGuard itself waits up to 25 s here and there.</summary>
    public static async Task Until(Func<Task<bool>> condition, string what, Func<Task<string>>? tell = null)
    {
        var begin = TimeProvider.System.GetTimestamp();
        Exception? last = null;
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (Exception failure) when (failure is RpcException or IOException or SocketException)
            {
                last = failure;
            }

            if (TimeProvider.System.GetElapsedTime(begin) > Deadline.Length + TimeSpan.FromSeconds(60))
            {
                Assert.Fail($"still not: {what}. {(tell is null ? "" : await tell())} {last?.Message}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var fleet in _fleets)
        {
            await fleet.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _channel?.Dispose();
        await Shell.Try("ip", "netns", "delete", StrangerSpace);
        await _spaces.DisposeAsync();
        _folder.Dispose();
    }

    private static GrpcChannel Open(string socketPath) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        },
        DisposeHttpClient = true,
    });
}
