using System.Collections.Concurrent;
using System.Net;
using Fleethold.Controllers.Machines.Joining;
using Fleethold.Controllers.Machines.Links;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Runtime.Controllers;
using Fleethold.Runtime.States;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;
using Fleethold.Talos;
using Fleethold.Testing;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.Controllers.Tests.Joining;

/// <summary>A server's rules without the server: state, engine, peers and machines in memory, by a clock that the test moves.</summary>
internal sealed class JoinRig : IMaintenanceApi, IAsyncDisposable
{
    public const string Token = "w7uVuW3zbVKIYQuzEcyetAHeYMeo5q2L9RvkAAfCfCCD";

    private readonly ConcurrentDictionary<string, JoiningMachine> _byKey = [];
    private readonly ResourceState _inner;
    private readonly ControllerEngine _engine;

    private JoinRig(ProvisioningOptions options)
    {
        _inner = ResourceState.InMemory(Clock);
        State = new CountingState(_inner);
        Provisioning = new Provisioning(State, options, Clock);
        Polling = new LinkPolling(State, Peers, keepsEndpoints: true, Clock);
        Limbo = new LimboCleanup(State, Clock);
        var settings = new RuleSettings { ForcesGrpcTunnel = options.ForcesGrpcTunnel, MachineApiUrl = "https://omni.example.org:8090" };
        _engine = new ControllerEngine(State, Rules.For(new RulePorts(Peers, this, settings)), Clock, new Random(1));
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public CountingState State { get; }

    public FakeLinkTable Peers { get; } = new();

    private readonly CancellationTokenSource _end = new();

    public Provisioning Provisioning { get; }

    public LinkPolling Polling { get; }

    public LimboCleanup Limbo { get; }

    /// <summary>False refuses every call on a machine.</summary>
    public bool IsReachable { get; set; } = true;

    public static async Task<JoinRig> Start(ProvisioningOptions? options = null, bool runs = true)
    {
        var rig = new JoinRig(options ?? new ProvisioningOptions());
        await rig.Create(Kinds.Configs.New("siderolink-config", new SiderolinkConfigSpec
        {
            PublicKey = "0hI2qNA56+3Q/N4+9dubqgruij+M+aIJn+S7/RPUdlw=",
            ServerAddress = "fdae:41e4:649b:9303::1",
            Subnet = "fdae:41e4:649b:9303::/64",
            AdvertisedEndpoint = "192.0.2.1:51820",
        }));
        await rig.Create(Kinds.JoinTokens.New(Token, new JoinTokenSpec { Name = "initial token" }));
        await rig.Create(Kinds.DefaultJoinTokens.New("default", new DefaultJoinTokenSpec { TokenId = Token }));
        if (runs)
        {
            await rig._engine.StartAsync(Deadline.Token);
            await rig.Idle();
        }

        return rig;
    }

    public Task Idle() => _engine.IdleAsync(Deadline.Token);

    public async Task Create(Resource resource, string owner = "") => Assert.Null((await State.Create(resource, owner)).Fault);

    public async Task Change<TSpec>(ResourceKind<TSpec> kind, string id, Action<TSpec> change)
        where TSpec : class, Google.Protobuf.IMessage<TSpec>, new() =>
        Assert.Null((await State.Modify(kind.Named(id), one => ((Resource<TSpec>)one).With(change))).Fault);

    public async Task<Resource<TSpec>> Get<TSpec>(ResourceKind<TSpec> kind, string id)
        where TSpec : class, Google.Protobuf.IMessage<TSpec>, new() => (await State.Get(kind, id)).Value;

    public async Task<bool> Has<TSpec>(ResourceKind<TSpec> kind, string id)
        where TSpec : class, Google.Protobuf.IMessage<TSpec>, new() => (await State.Get(kind, id)).Fault is null;

    public Task<ProvisionResult> Ask(JoiningMachine machine)
    {
        _byKey[machine.Key] = machine;
        return Deadline.Within(Provisioning.Provision(machine.Request(), Deadline.Token));
    }

    public async Task<ProvisionResponse> Answered(JoiningMachine machine) => Assert.IsType<ProvisionResult.Answered>(await Ask(machine)).Response;

    public async Task Refused(JoiningMachine machine, StatusCode code, string message)
    {
        var refused = Assert.IsType<ProvisionResult.Refused>(await Ask(machine));
        Assert.Equal((code, message), (refused.Code, refused.Message));
    }

    /// <summary>Through limbo into a link, as a machine does that META makes ask again.</summary>
    public async Task<ProvisionResponse> Join(JoiningMachine machine)
    {
        var had = (machine.UniqueToken, machine.Uuid);
        var answer = await Answered(machine);
        await Idle();
        while (had != (machine.UniqueToken, machine.Uuid))
        {
            had = (machine.UniqueToken, machine.Uuid);
            answer = await Answered(machine);
            await Idle();
        }

        Assert.True(await Has(Kinds.Links, machine.Uuid));
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        // A call that hangs would be waited for on a clock that nobody moves any more.
        await _end.CancelAsync();
        await _engine.DisposeAsync();
        Provisioning.Dispose();
        await _inner.DisposeAsync();
        _end.Dispose();
    }

    async Task<bool> IMaintenanceApi.IsInstalled(IPAddress machine, CancellationToken cancellation)
    {
        var called = await At(machine, cancellation);
        called.Calls.Add("disks");
        return called.IsInstalled;
    }

    async Task<IReadOnlyList<byte[]>> IMaintenanceApi.PhysicalAddresses(IPAddress machine, CancellationToken cancellation)
    {
        var called = await At(machine, cancellation);
        called.Calls.Add("links");
        return called.Addresses!;
    }

    async Task IMaintenanceApi.WriteMeta(IPAddress machine, uint key, string value, CancellationToken cancellation) =>
        (await At(machine, cancellation)).Write(key, value);

    private async Task<JoiningMachine> At(IPAddress address, CancellationToken cancellation)
    {
        if (!IsReachable)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "no route"));
        }

        // The tunnel carries what goes to an address to the peer that has it.
        var peer = Peers.Peers.Values.Single(one => one.Address.Equals(address));
        var machine = _byKey[peer.Key.ToString()];
        if (machine.Addresses is null)
        {
            machine.Hanging.TrySetResult();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _end.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, Clock, either.Token);
        }

        return machine;
    }

    /// <summary>The address of a stored prefix.</summary>
    public static IPAddress AddressOf(string stored) => MachineAddresses.TryParseStored(stored, out var address, out _) ? address : IPAddress.None;
}
