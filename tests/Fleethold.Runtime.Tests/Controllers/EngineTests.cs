using System.Diagnostics.Metrics;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.Controllers;
using Fleethold.Testing;

namespace Fleethold.Runtime.Tests.Controllers;

public sealed class EngineTests : IAsyncDisposable
{
    private static readonly BackoffPolicy Exact = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), Factor: 2, Jitter: 0);

    private readonly EngineRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_failing_item_waits_longer_each_time_up_to_the_bound_and_starts_over_after_success()
    {
        var calls = 0;
        var fails = true;
        await _rig.Start(Controller.Queue("Q").Reads(Kinds.Clusters).WithBackoff(Exact).Reconcile((_, _, _) =>
        {
            calls++;
            return ValueTask.FromResult(fails ? new Fault.Invalid("no") : Reconciled.Done);
        }));
        await _rig.Create("a");
        Assert.Equal(1, calls);

        var expected = 1;
        foreach (var seconds in (int[])[1, 2, 4, 4])
        {
            await _rig.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(expected, calls);
            await _rig.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(++expected, calls);
        }

        fails = false;
        await _rig.Advance(TimeSpan.FromSeconds(4));
        fails = true;
        await _rig.Touch("a");
        expected = calls;
        await _rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(expected + 1, calls);
    }

    [Fact]
    public async Task A_change_wakes_a_waiting_item_at_once_and_its_old_appointment_is_void()
    {
        var calls = 0;
        await _rig.Start(Controller.Queue("Q").Reads(Kinds.Clusters).Reconcile((_, _, _) =>
            ValueTask.FromResult(++calls == 1 ? Requeue.After(TimeSpan.FromSeconds(10)) : Reconciled.Done)));
        await _rig.Create("a");

        await _rig.Touch("a");
        Assert.Equal(2, calls);
        await _rig.Advance(TimeSpan.FromHours(1));

        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task A_crash_concerns_its_item_alone_and_is_tried_again()
    {
        var good = 0;
        var bad = 0;
        await _rig.Start(
            Controller.Queue("Q").Reads(Kinds.Clusters).WithBackoff(Exact).Reconcile((_, item, _) =>
                item.Id == "bad" && ++bad < 3 ? throw new InvalidOperationException("bug") : ValueTask.FromResult(Reconciled.Done)),
            Controller.Queue("Other").Reads(Kinds.Clusters).Reconcile((_, _, _) =>
            {
                good++;
                return ValueTask.FromResult(Reconciled.Done);
            }));

        await _rig.Create("bad");
        await _rig.Create("good");
        Assert.Equal(2, good);
        await _rig.Advance(TimeSpan.FromSeconds(1));
        await _rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(3, bad);
        Assert.Equal(2, _rig.Engine.StatisticsOf("Q").Crashes);
        Assert.Equal(0, _rig.Engine.StatisticsOf("Other").Crashes);
    }

    [Fact]
    public async Task A_mapping_that_throws_is_a_crash_of_its_controller_and_the_kind_is_heard_on()
    {
        var calls = 0;
        await _rig.Start(
            Controller.Queue("Bad").WithItem("x").MapsFrom(Kinds.Clusters, _ => throw new InvalidOperationException("bug"))
                .Reconcile((_, _, _) => ValueTask.FromResult(Reconciled.Done)),
            Controller.Queue("Good").Reads(Kinds.Clusters).Reconcile((_, _, _) =>
            {
                calls++;
                return ValueTask.FromResult(Reconciled.Done);
            }));

        await _rig.Create("a");
        await _rig.Create("b");

        Assert.Equal(2, calls);
        Assert.Equal(2, _rig.Engine.StatisticsOf("Bad").Crashes);
    }

    [Fact]
    public async Task What_is_not_declared_can_neither_be_read_nor_written()
    {
        var errors = new List<string>();
        await _rig.Start(Controller.Queue("Q").Reads(Kinds.Clusters).LooksUp(Kinds.ClusterUUIDs).Reconcile(async (context, item, cancellation) =>
        {
            _ = await context.Get(Kinds.ClusterUUIDs, item.Id, cancellation);
            foreach (var action in (Func<Task>[])
                [
                    async () => await context.Get(Kinds.ClusterEndpoints, "a", cancellation),
                    async () => await context.List(Kinds.ClusterEndpoints, cancellation: cancellation),
                    async () => await context.Write(Kinds.ClusterUUIDs, "a", _ => { }, cancellation),
                    async () => await context.Remove(Kinds.Clusters.Named("a"), cancellation),
                ])
            {
                errors.Add((await Assert.ThrowsAsync<UndeclaredAccessException>(action)).Message);
            }

            return Reconciled.Done;
        }));

        await _rig.Create("a");

        Assert.Equal(4, errors.Count);
        Assert.Contains("controller Q reads ClusterEndpoints.omni.sidero.dev(default) without declaring it", errors[0], StringComparison.Ordinal);
        Assert.Null((await _rig.State.Get(Kinds.Clusters.Named("a"))).Fault);
    }

    [Fact]
    public async Task Items_run_side_by_side_up_to_the_limit_and_one_item_never_twice_at_once()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = new List<string>();
        var most = 0;
        await _rig.Start(Controller.Queue("Q").Reads(Kinds.Clusters).WithConcurrency(3).Reconcile(async (_, item, _) =>
        {
            lock (running)
            {
                Assert.DoesNotContain(item.Id, running);
                running.Add(item.Id);
                most = Math.Max(most, running.Count);
                if (running.Count == 3)
                {
                    full.TrySetResult();
                }
            }

            await gate.Task;
            lock (running)
            {
                running.Remove(item.Id);
            }

            return Reconciled.Done;
        }));
        for (var id = 0; id < 10; id++)
        {
            await _rig.State.Create(Kinds.Clusters.New($"c{id}"));
        }

        await Deadline.Within(full.Task);
        await _rig.SetVersion("c0", "while running");
        gate.SetResult();
        await _rig.Idle();

        Assert.Equal(3, most);
        Assert.Equal(0, _rig.Engine.StatisticsOf("Q").Crashes);
        Assert.Equal(11, _rig.Engine.StatisticsOf("Q").Wakeups);
    }

    [Fact]
    public async Task A_conflict_is_retried_at_once()
    {
        var calls = 0;
        await _rig.Start(Controller.Transform("T", Kinds.Clusters, Kinds.ClusterEndpoints).Do(async (_, input, output, _) =>
        {
            // Somebody else puts a finalizer on the output between our read and our write.
            if (++calls == 2)
            {
                await _rig.State.AddFinalizer(output.Ref, "other");
            }

            output.Spec.ManagementAddresses.Clear();
            output.Spec.ManagementAddresses.Add(input.Spec.TalosVersion);
        }));
        await _rig.Create("a");

        await _rig.SetVersion("a", "v2");
        await _rig.Idle();

        Assert.Equal("v2", (await _rig.State.Get(Kinds.ClusterEndpoints, "a")).Value.Spec.ManagementAddresses.Single());
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Endless_conflicts_end_in_back_off()
    {
        var calls = 0;
        await _rig.Start(Controller.Queue("Q").Reads(Kinds.Clusters).WithBackoff(Exact).Reconcile((_, item, _) =>
        {
            calls++;
            return ValueTask.FromResult<Reconciled>(new Fault.VersionConflict(new Metadata(item), default, default));
        }));

        await _rig.Create("a");
        Assert.Equal(9, calls);
        await _rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, calls);
    }

    [Fact]
    public async Task All_items_are_looked_at_in_an_interval()
    {
        var seen = new List<string>();
        await _rig.Start(Controller.Queue("Q").Reads(Kinds.Clusters).Every(TimeSpan.FromMinutes(1)).Reconcile((_, item, _) =>
        {
            seen.Add(item.Id);
            return ValueTask.FromResult(Reconciled.Done);
        }));
        await _rig.Create("a");
        await _rig.Create("b");
        seen.Clear();

        await _rig.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(seen);
        await _rig.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["a", "b"], seen);
        await _rig.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["a", "b", "a", "b"], seen);
    }

    [Fact]
    public async Task One_change_is_one_wake_up_however_many_controllers_put_finalizers_on_the_input()
    {
        static Controller One(int number) => Controller.Transform($"T{number}", Kinds.Clusters, Kinds.ClusterEndpoints)
            .SharesOutput()
            .WithOutputId(input => $"{number}-{input.Id}", output => output.Id[2..])
            .Do((input, output) => output.Labels = StringMap.Of(("version", input.Spec.TalosVersion)));
        await _rig.Start(Enumerable.Range(0, 5).Select(One));

        await _rig.Create("a");
        await _rig.SetVersion("a", "v2");
        await _rig.Idle();

        for (var number = 0; number < 5; number++)
        {
            // Adding a finalizer may meet another's: that is a retry, not a wake-up by an event.
            var statistics = _rig.Engine.StatisticsOf($"T{number}");
            Assert.Equal(2, statistics.Wakeups - statistics.Requeues);
        }
    }

    [Fact]
    public async Task A_watch_that_fell_behind_starts_anew_and_nothing_is_missed()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _rig.Start(
            Controller.Transform("T", Kinds.Clusters, Kinds.ClusterEndpoints)
                .Do(static (input, output) => output.Labels = StringMap.Of(("version", input.Spec.TalosVersion))),
            Controller.Queue("Slow").WithItem("x").MapsFrom(Kinds.Clusters, async (_, _, _) =>
            {
                entered.TrySetResult();
                await gate.Task;
                return [];
            }).Reconcile((_, _, _) => ValueTask.FromResult(Reconciled.Done)));
        await _rig.State.Create(Kinds.Clusters.New("first"));
        await Deadline.Within(entered.Task);

        await _rig.State.Create(Kinds.Clusters.New("second", new ClusterSpec { TalosVersion = "v1" }));
        for (var change = 0; change < 10_500; change++)
        {
            await _rig.SetVersion("first", $"v{change}");
        }

        await _rig.State.Create(Kinds.Clusters.New("third", new ClusterSpec { TalosVersion = "v1" }));
        gate.SetResult();
        await _rig.Idle();

        foreach (var cluster in await _rig.State.List(Kinds.Clusters))
        {
            var endpoint = await _rig.State.Get(Kinds.ClusterEndpoints, cluster.Metadata.Id);
            Assert.Equal(cluster.Spec.TalosVersion, endpoint.Value.Metadata.Labels["version"]);
        }
    }

    [Fact]
    public async Task Stopping_lets_running_calls_finish_and_begins_no_others()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;
        await _rig.Start(Controller.Queue("Q").Reads(Kinds.Clusters).Reconcile(async (_, _, _) =>
        {
            calls++;
            entered.TrySetResult();
            await gate.Task;
            return Reconciled.Done;
        }));
        await _rig.State.Create(Kinds.Clusters.New("a"));
        await _rig.State.Create(Kinds.Clusters.New("b"));
        await Deadline.Within(entered.Task);

        var stopping = _rig.Engine.StopAsync();
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        await Deadline.Within(stopping);

        Assert.Equal(1, calls);
        Assert.Equal(1, _rig.Engine.StatisticsOf("Q").ReconcileCycles);
    }

    [Fact]
    public async Task Stopping_cancels_calls_that_take_too_long_and_leaves_behind_those_that_do_not_care()
    {
        var entered = new SemaphoreSlim(0);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource();
        await _rig.Start(Controller.Queue("Q").Reads(Kinds.Clusters).WithConcurrency(2).Reconcile(async (_, item, cancellation) =>
        {
            entered.Release();
            if (item.Id == "heedless")
            {
                await never.Task;
            }

            cancellation.Register(() => cancelled.TrySetResult());
            await never.Task.WaitAsync(cancellation);
            return Reconciled.Done;
        }));
        await _rig.State.Create(Kinds.Clusters.New("heedless"));
        await _rig.State.Create(Kinds.Clusters.New("a"));
        await entered.WaitAsync(Deadline.Token);
        await entered.WaitAsync(Deadline.Token);

        var (draining, aborting) = (_rig.Clock.Arming(_rig.Engine.DrainTimeout), _rig.Clock.Arming(_rig.Engine.AbortTimeout));
        var stopping = _rig.Engine.StopAsync();
        await Deadline.Within(draining);
        _rig.Clock.Advance(_rig.Engine.DrainTimeout);
        await Deadline.Within(cancelled.Task);
        await Deadline.Within(aborting);
        _rig.Clock.Advance(_rig.Engine.AbortTimeout);
        await Deadline.Within(stopping);

        Assert.Equal(0, _rig.Engine.StatisticsOf("Q").Crashes);
        never.SetResult();
    }

    [Fact]
    public async Task An_engine_is_started_once_and_may_be_stopped_twice()
    {
        await _rig.Start();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _rig.Engine.StartAsync());
        await _rig.Engine.StopAsync();
        await _rig.Engine.StopAsync();
    }

    [Fact]
    public async Task Instruments_have_the_names_of_the_dashboards_and_one_value_for_each_controller()
    {
        await _rig.Start(
            Controller.Queue("Q").Reads(Kinds.Clusters).MapsFrom(Kinds.ClusterUUIDs, Map.To("x", "y")).Reconcile((_, item, _) =>
                item.Id == "bad" ? throw new InvalidOperationException("bug") : ValueTask.FromResult(Reconciled.Done)));
        await _rig.Create("a");
        await _rig.Create("bad");
        await _rig.State.Create(Kinds.ClusterUUIDs.New("u"));
        await _rig.Idle();
        var values = new SortedDictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Fleethold.Runtime" && ReferenceEquals(instrument.Meter.Scope, _rig.Engine))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();

        listener.RecordObservableInstruments();

        Assert.True(values.Remove("omni_runtime_controller_busy_seconds Q"));
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["omni_runtime_controller_crashes Q"] = 1,
                ["omni_runtime_controller_reads Q"] = 0,
                ["omni_runtime_controller_reconcile_cycles Q"] = 3,
                ["omni_runtime_controller_wakeups Q"] = 4,
                ["omni_runtime_controller_writes Q"] = 0,
                ["omni_runtime_qcontroller_crashes Q"] = 1,
                ["omni_runtime_qcontroller_mapped_in Q"] = 1,
                ["omni_runtime_qcontroller_mapped_out Q"] = 2,
                ["omni_runtime_qcontroller_processed Q"] = 4,
                ["omni_runtime_qcontroller_queue_length Q"] = 0,
                ["omni_runtime_qcontroller_requeues Q"] = 1,
            },
            values);

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Assert.Equal("controller", tags[0].Key);
            values.Add($"{instrument.Name} {tags[0].Value}", value);
        }
    }
}
