using System.Runtime.CompilerServices;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;
using Fleethold.Resources.Wire.Management;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Cli.Connection;

/// <summary>
/// A server spoken to over its State API, with gzip and in the order of omnictl: first its version, then its notifications,
/// then its resource definitions (reference/api-auth.md 10, reference/resources.md 2.8).
/// </summary>
internal sealed class Server : IAsyncDisposable
{
    /// <summary>The version of the API that this client speaks.</summary>
    public const uint ApiVersion = 3;

    /// <summary>How often a change is tried while others change the same resource.</summary>
    private const int Attempts = 10;

    private static readonly Grpc.Core.Metadata Headers = new() { { "grpc-internal-encoding-request", "gzip" } };

    private static readonly Grpc.Core.Metadata.Entry WithoutCa = new(LocalDoor.WithoutCaHeader, "true");

    private readonly GrpcChannel _channel;
    private readonly Wire.State.StateClient _state;
    private readonly ManagementService.ManagementServiceClient _management;

    private Server(ServerAddress address)
    {
        Address = address;
        _channel = Dialer.Open(address);
        _state = new Wire.State.StateClient(_channel);
        _management = new ManagementService.ManagementServiceClient(_channel);
    }

    /// <summary>Where it is.</summary>
    public ServerAddress Address { get; }

    /// <summary>Opens a connection, checks that both sides speak the same API and shows the server's notifications.</summary>
    /// <exception cref="CommandFailure">The server can't be reached, or speaks another API.</exception>
    public static async Task<Server> Connect(ServerAddress address, TextWriter warnings, CancellationToken cancellation)
    {
        var server = Open(address);
        try
        {
            CheckApiVersion(await server.ReadVersion(cancellation));
            await server.ShowNotifications(warnings, cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a connection; nothing is sent yet.</summary>
    public static Server Open(ServerAddress address) => new(address);

    /// <summary>What the server says about itself.</summary>
    public async Task<SysVersionSpec> ReadVersion(CancellationToken cancellation) =>
        SysVersionSpec.Parser.ParseFrom((await Get(Kinds.SysVersions.Named("current"), cancellation)).Spec.ProtoSpec);

    /// <summary>One resource.</summary>
    /// <exception cref="RpcException">It isn't there, or the server refuses.</exception>
    public async Task<Wire.Resource> Get(ResourceRef reference, CancellationToken cancellation)
    {
        var request = new GetRequest { Namespace = reference.Namespace, Type = reference.Type, Id = reference.Id, Options = new GetOptions() };
        return (await Call(_state.GetAsync(request, Headers, cancellationToken: cancellation))).Resource;
    }

    /// <summary>One resource; null when it isn't there.</summary>
    public async Task<Wire.Resource?> Find(ResourceRef reference, CancellationToken cancellation)
    {
        try
        {
            return await Get(reference, cancellation);
        }
        catch (RpcException missing) when (missing.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>The resources of a kind, as they come.</summary>
    public async IAsyncEnumerable<Wire.Resource> List(
        KindRef kind, ListOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ListRequest { Namespace = kind.Namespace, Type = kind.Type, Options = options };
        using var call = _state.List(request, Headers, cancellationToken: cancellation);
        while (await Next(call.ResponseStream, cancellation))
        {
            yield return call.ResponseStream.Current.Resource;
        }
    }

    /// <summary>The events of a watch, without the empty message that says it began.</summary>
    public async IAsyncEnumerable<Event> Watch(WatchRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        request.ApiVersion = 1;
        using var call = _state.Watch(request, Headers, cancellationToken: cancellation);
        while (await Next(call.ResponseStream, cancellation))
        {
            foreach (var one in call.ResponseStream.Current.Event)
            {
                yield return one;
            }
        }
    }

    /// <summary>Stores a new resource.</summary>
    public async Task<Wire.Resource> Create(Wire.Resource resource, CancellationToken cancellation) =>
        (await Call(_state.CreateAsync(
            new CreateRequest { Resource = resource, Options = new CreateOptions() }, Headers, cancellationToken: cancellation))).Resource;

    /// <summary>Replaces a running resource whose version is the one given.</summary>
    public async Task<Wire.Resource> Update(Wire.Resource resource, CancellationToken cancellation) =>
        (await Call(_state.UpdateAsync(
            new UpdateRequest { NewResource = resource, Options = new UpdateOptions { ExpectedPhase = Phase.Running.ToWire() } },
            Headers,
            cancellationToken: cancellation))).Resource;

    /// <summary>Reads a resource, changes its spec and writes it; reads again when somebody was faster.</summary>
    public async Task Change<TSpec>(ResourceRef reference, MessageParser<TSpec> parser, Action<TSpec> change, CancellationToken cancellation)
        where TSpec : IMessage<TSpec>
    {
        for (var left = Attempts; ; left--)
        {
            var resource = await Get(reference, cancellation);
            var spec = parser.ParseFrom(resource.Spec.ProtoSpec);
            change(spec);
            resource.Spec = new Spec { ProtoSpec = spec.ToByteString() };
            try
            {
                await Update(resource, cancellation);
                return;
            }
            catch (RpcException conflict) when (conflict.StatusCode == StatusCode.FailedPrecondition && left > 1)
            {
            }
        }
    }

    /// <summary>Asks for the removal of a resource and returns.</summary>
    public async Task Teardown(ResourceRef reference, CancellationToken cancellation) =>
        await Call(_state.TeardownAsync(
            new TeardownRequest { Namespace = reference.Namespace, Type = reference.Type, Id = reference.Id, Options = new TeardownOptions() },
            Headers,
            cancellationToken: cancellation));

    /// <summary>Asks for the removal of a resource and waits until it is gone.</summary>
    public async Task TeardownAndDestroy(ResourceRef reference, CancellationToken cancellation) =>
        await Call(_state.TeardownAndDestroyAsync(
            new TeardownAndDestroyRequest
            {
                Namespace = reference.Namespace,
                Type = reference.Type,
                Id = reference.Id,
                Options = new TeardownAndDestroyOptions(),
            },
            Headers,
            cancellationToken: cancellation));

    /// <summary>Makes a join token.</summary>
    /// <returns>The token, which is also its id.</returns>
    public async Task<string> CreateJoinToken(CreateJoinTokenRequest request, CancellationToken cancellation) =>
        (await Call(_management.CreateJoinTokenAsync(request, Headers, cancellationToken: cancellation))).Id;

    /// <summary>What makes a machine join.</summary>
    /// <param name="request">Token and tunnel.</param>
    /// <param name="withCa">False leaves the CA of the server out.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    public async Task<GetMachineJoinConfigResponse> GetJoinConfig(GetMachineJoinConfigRequest request, bool withCa, CancellationToken cancellation) =>
        await Call(_management.GetMachineJoinConfigAsync(request, withCa ? Headers : [.. Headers, WithoutCa], cancellationToken: cancellation));

    /// <summary>The log lines of a machine, without newlines, as they come.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> MachineLogs(MachineLogsRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var call = _management.MachineLogs(request, Headers, cancellationToken: cancellation);
        while (await Next(call.ResponseStream, cancellation))
        {
            yield return call.ResponseStream.Current.Bytes.Memory;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _channel.ShutdownAsync();
        _channel.Dispose();
    }

    private static void CheckApiVersion(SysVersionSpec version)
    {
        if (version.BackendApiVersion == ApiVersion)
        {
            return;
        }

        var (what, remedy) = version.BackendApiVersion > ApiVersion
            ? ("is too old for", "upgrade fhctl")
            : ("is newer than", "use an older fhctl, or upgrade the server");
        throw new CommandFailure(
            $"fhctl {what} this Fleethold instance: the server has API version {version.BackendApiVersion} (backend {version.BackendVersion}), this client {ApiVersion}; {remedy}");
    }

    private async Task ShowNotifications(TextWriter warnings, CancellationToken cancellation)
    {
        await foreach (var notification in List(Kinds.Notifications.Ref, new ListOptions(), cancellation))
        {
            var spec = NotificationSpec.Parser.ParseFrom(notification.Spec.ProtoSpec);
            await warnings.WriteLineAsync($"[{spec.Type.ToString().ToUpperInvariant()}] {spec.Title}: {spec.Body}");
        }
    }

    private async Task<T> Call<T>(AsyncUnaryCall<T> call)
    {
        using (call)
        {
            try
            {
                return await call;
            }
            catch (RpcException failure) when (Dialer.Explain(failure, Address) is { } reason)
            {
                throw new CommandFailure(reason);
            }
        }
    }

    private async Task<bool> Next<T>(IAsyncStreamReader<T> stream, CancellationToken cancellation)
    {
        try
        {
            return await stream.MoveNext(cancellation);
        }
        catch (RpcException failure) when (Dialer.Explain(failure, Address) is { } reason)
        {
            throw new CommandFailure(reason);
        }
    }
}
