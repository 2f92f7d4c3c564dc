using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Runtime.Controllers;
using Fleethold.Testing;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.Conformance.Runtime;

/// <summary>
/// What the controller engine promises over any state. A backend derives from it and says how its state is opened, and how it is opened again
/// with the same contents after a restart.
/// </summary>
public abstract partial class RuntimeConformance : IAsyncLifetime
{
    protected const string Endpoints = "EndpointController";
    protected const string ClusterLabel = "omni.sidero.dev/cluster";

    private ControllerEngine? _engine;

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    protected IState State { get; private set; } = null!;

    private ControllerEngine Engine => _engine ?? throw new InvalidOperationException("no engine was started");

    /// <summary>An empty state.</summary>
    protected abstract ValueTask<IState> Open(TimeProvider clock);

    /// <summary>Closes the state as a restart would, and opens it again. A state in memory just stays.</summary>
    protected virtual ValueTask<IState> Reopen(IState state, TimeProvider clock) => new(state);

    /// <summary>Closes the state for good.</summary>
    protected virtual ValueTask Close(IState state) => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync() => State = await Open(Clock);

    public async ValueTask DisposeAsync()
    {
        await StopEngine();
        await Close(State);
        GC.SuppressFinalize(this);
    }

    /// <summary>One address per cluster: its Talos version. The smallest transform.</summary>
    private static TransformDeclaration<ClusterSpec, ClusterEndpointSpec> EndpointOfCluster => Controller
        .Transform(Endpoints, Kinds.Clusters, Kinds.ClusterEndpoints);

    private static Controller PlainEndpoints => EndpointOfCluster.Do(static (input, output) => SetAddresses(output, input.Spec.TalosVersion));

    private static Controller LoadBalancers => Controller
        .Transform("LoadBalancerController", Kinds.ClusterEndpoints, Kinds.LoadBalancerConfigs)
        .Do(static (input, output) => output.Spec.BindPort = string.Join(",", input.Spec.ManagementAddresses));

    private static void SetAddresses(OutputDraft<ClusterEndpointSpec> output, params IEnumerable<string> addresses)
    {
        output.Spec.ManagementAddresses.Clear();
        output.Spec.ManagementAddresses.Add(addresses);
    }

    private async Task Run(params IEnumerable<Controller> controllers)
    {
        await StopEngine();
        _engine = new ControllerEngine(State, new ControllerSet(controllers), Clock, new Random(1));
        await _engine.StartAsync(Deadline.Token);
        await _engine.IdleAsync(Deadline.Token);
    }

    private async Task StopEngine()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
            _engine = null;
        }
    }

    /// <summary>What is left of a process that ended: the engine stops, the state is opened again.</summary>
    private async Task Restart(params IEnumerable<Controller> controllers)
    {
        await StopEngine();
        State = await Reopen(State, Clock);
        await Run(controllers);
    }

    private Task Idle() => Engine.IdleAsync(Deadline.Token);

    private async Task Advance(TimeSpan time)
    {
        Clock.Advance(time);
        await Idle();
    }

    private async Task<Resource> CreateCluster(string id, string version = "v1")
    {
        var created = await State.Create(Kinds.Clusters.New(id, new ClusterSpec { TalosVersion = version }), cancellation: Deadline.Token);
        return created.Value;
    }

    private async Task SetVersion(string id, string version) =>
        _ = (await State.Modify(
            Kinds.Clusters.Named(id),
            cluster => ((Resource<ClusterSpec>)cluster).With(spec => spec.TalosVersion = version),
            cancellation: Deadline.Token)).Value;

    private async Task CreateMachine(string id, string cluster, string address) =>
        _ = (await State.Create(Machine(id, cluster, address), cancellation: Deadline.Token)).Value;

    private static Resource<ClusterMachineStatusSpec> Machine(string id, string cluster, string address)
    {
        var machine = Kinds.ClusterMachineStatuses.New(id, new ClusterMachineStatusSpec { ManagementAddress = address });
        return machine.With(machine.Metadata.WithLabel(ClusterLabel, cluster));
    }

    private async Task<Resource<TSpec>?> Find<TSpec>(ResourceKind<TSpec> kind, string id)
        where TSpec : class, IMessage<TSpec>, new()
    {
        var outcome = await State.Get(kind, id, Deadline.Token);
        return outcome.Fault is Fault.NotFound ? null : outcome.Value;
    }

    private async Task<string?> Addresses(string id) =>
        await Find(Kinds.ClusterEndpoints, id) is { } endpoint ? string.Join(",", endpoint.Spec.ManagementAddresses) : null;

    private async Task<Metadata> Cluster(string id) => (await State.Get(Kinds.Clusters.Named(id), Deadline.Token)).Value.Metadata;
}
