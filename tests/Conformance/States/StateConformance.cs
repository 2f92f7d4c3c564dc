using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.Conformance.States;

/// <summary>
/// What <see cref="IState"/> promises, whatever is behind it. A backend derives from it and says how its state is opened, and how it is opened again
/// after a restart.
/// </summary>
public abstract partial class StateConformance : IAsyncLifetime
{
    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    protected IState State { get; private set; } = null!;

    /// <summary>Whether resources outlive a restart.</summary>
    protected abstract bool IsDurable { get; }

    /// <summary>An empty state.</summary>
    protected abstract ValueTask<IState> Open();

    /// <summary>Ends the state as a restart does, and opens it again.</summary>
    protected abstract ValueTask<IState> Reopen(IState state);

    /// <summary>Ends the state for good.</summary>
    protected abstract ValueTask Close(IState state);

    public async ValueTask InitializeAsync() => State = await Open();

    public async ValueTask DisposeAsync()
    {
        if (State is not null)
        {
            await Close(State);
        }

        GC.SuppressFinalize(this);
    }

    protected async Task Restart() => State = await Reopen(State);

    protected static ResourceKind<ClusterSpec> Kind => Kinds.Clusters;

    protected static ResourceRef Named(string id) => Kind.Named(id);

    protected static Resource<ClusterSpec> New(string id, string version = "v1.10.0") => Kind.New(id, new ClusterSpec { TalosVersion = version });

    private static Resource WithLabel(Resource resource, string key, string value) => resource.With(resource.Metadata.WithLabel(key, value));

    protected static string Version(Resource resource) => ((Resource<ClusterSpec>)resource).Spec.TalosVersion;

    protected async Task<Resource> Created(string id, string owner = "") => (await State.Create(New(id), owner, Deadline.Token)).Value;

    protected async Task<Resource> Changed(Resource resource, string version, string owner = "") =>
        (await State.Update(((Resource<ClusterSpec>)resource).With(spec => spec.TalosVersion = version), owner, cancellation: Deadline.Token)).Value;

    protected async Task Destroyed(string id) => _ = (await State.Destroy(Named(id), cancellation: Deadline.Token)).Value;

    protected IWatch Watching(WatchOptions options, ResourceQuery? query = null) => State.WatchKind(Kind.Ref, query ?? ResourceQuery.All, options).Value;

    /// <summary>The next events of a watch: so many, or it fails.</summary>
    protected static async Task<List<StateEvent>> Next(IWatch watch, int count)
    {
        var events = new List<StateEvent>();
        var deadline = Deadline.Token;
        while (events.Count < count)
        {
            var some = watch.TakeAvailable(count - events.Count);
            events.AddRange(some);
            if (some.Count == 0)
            {
                await watch.WaitAsync(deadline);
            }
        }

        return events;
    }

    /// <summary>The next events of a watch as texts, and that no more are there.</summary>
    private static async Task Sees(IWatch watch, params string[] expected)
    {
        Assert.Equal(expected, (await Next(watch, expected.Length)).Select(Text));
        Assert.Empty(watch.TakeAvailable(1));
    }

    protected static string Text(StateEvent one) => one.Type is EventType.Bootstrapped or EventType.Noop
        ? one.Type.ToString()
        : $"{one.Type} {one.Resource.Metadata.Id}@{one.Resource.Metadata.Version}";
}
