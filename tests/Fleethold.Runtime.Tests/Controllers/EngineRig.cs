using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.Controllers;
using Fleethold.Runtime.States;
using Fleethold.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.Runtime.Tests.Controllers;

/// <summary>An engine over a state in memory, with a clock that stands still.</summary>
internal sealed class EngineRig : IAsyncDisposable
{
    private ControllerEngine? _engine;

    public ManualClock Clock { get; } = new();

    public ResourceState State { get; }

    public ControllerEngine Engine => _engine ?? throw new InvalidOperationException("not started");

    public EngineRig() => State = ResourceState.InMemory(Clock);

    public async Task Start(params IEnumerable<Controller> controllers)
    {
        _engine = new ControllerEngine(State, new ControllerSet(controllers), Clock, new Random(1));
        await _engine.StartAsync(Deadline.Token);
    }

    public Task Idle() => Engine.IdleAsync(Deadline.Token);

    public async Task Advance(TimeSpan time)
    {
        Clock.Advance(time);
        await Idle();
    }

    public async Task Create(string id)
    {
        _ = (await State.Create(Kinds.Clusters.New(id, new ClusterSpec { TalosVersion = "v1" }))).Value;
        await Idle();
    }

    public async Task Touch(string id)
    {
        await SetVersion(id, Guid.NewGuid().ToString());
        await Idle();
    }

    public async Task SetVersion(string id, string version) =>
        _ = (await State.Modify(Kinds.Clusters.Named(id), one => ((Resource<ClusterSpec>)one).With(spec => spec.TalosVersion = version))).Value;

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        await State.DisposeAsync();
    }
}

/// <summary>A clock that stands still, and tells when somebody begins to wait for it.</summary>
internal sealed class ManualClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly List<(TimeSpan Due, TaskCompletionSource Armed)> _expected = [];

    /// <summary>Ends when a timer of this length is made.</summary>
    public Task Arming(TimeSpan due)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_expected)
        {
            _expected.Add((due, source));
        }

        return source.Task;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_expected)
        {
            _expected.ForEach(one =>
            {
                if (one.Due == dueTime)
                {
                    one.Armed.TrySetResult();
                }
            });
        }

        return timer;
    }
}
