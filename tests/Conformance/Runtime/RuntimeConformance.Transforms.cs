using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Runtime.Controllers;
using Fleethold.Testing;

namespace Fleethold.Conformance.Runtime;

public abstract partial class RuntimeConformance
{
    [Fact]
    public async Task An_output_is_made_from_each_input_and_belongs_to_the_controller()
    {
        await Run(PlainEndpoints);

        await CreateCluster("a", "v1");
        await Idle();

        var output = await Find(Kinds.ClusterEndpoints, "a");
        Assert.Equal("v1", await Addresses("a"));
        Assert.Equal(Endpoints, output!.Metadata.Owner);
        Assert.Equal([Endpoints], (await Cluster("a")).Finalizers);
    }

    [Fact]
    public async Task Inputs_that_were_there_before_the_start_are_reconciled()
    {
        await CreateCluster("a", "v1");

        await Run(PlainEndpoints);

        Assert.Equal("v1", await Addresses("a"));
    }

    [Fact]
    public async Task An_output_follows_its_input()
    {
        await Run(PlainEndpoints);
        await CreateCluster("a", "v1");
        await Idle();

        await SetVersion("a", "v2");
        await Idle();

        Assert.Equal("v2", await Addresses("a"));
    }

    [Fact]
    public async Task An_output_that_stays_the_same_is_not_written()
    {
        await Run(EndpointOfCluster.Do(static (_, output) => SetAddresses(output, "fixed")));
        await CreateCluster("a", "v1");
        await Idle();

        await SetVersion("a", "v2");
        await Idle();

        Assert.Equal(ResourceVersion.First, (await Find(Kinds.ClusterEndpoints, "a"))!.Metadata.Version);
        Assert.Equal(2, Engine.StatisticsOf(Endpoints).Wakeups);
    }

    [Fact]
    public async Task Labels_and_annotations_of_an_output_are_written_like_its_spec()
    {
        await Run(EndpointOfCluster.Do(static (input, output) => output.Labels = StringMap.Of(("version", input.Spec.TalosVersion))));
        await CreateCluster("a", "v1");
        await Idle();

        await SetVersion("a", "v2");
        await Idle();

        Assert.Equal("v2", (await Find(Kinds.ClusterEndpoints, "a"))!.Metadata.Labels["version"]);
    }

    [Fact]
    public async Task When_an_input_is_torn_down_its_output_goes_first()
    {
        await Run(PlainEndpoints);
        await CreateCluster("a");
        await Idle();

        await State.Teardown(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();

        Assert.Null(await Find(Kinds.ClusterEndpoints, "a"));
        Assert.Empty((await Cluster("a")).Finalizers);
        Assert.Null((await State.Destroy(Kinds.Clusters.Named("a"), cancellation: Deadline.Token)).Fault);
    }

    [Fact]
    public async Task An_output_waits_in_teardown_for_the_finalizers_of_others()
    {
        await Run(PlainEndpoints);
        await CreateCluster("a");
        await Idle();
        await State.AddFinalizer(Kinds.ClusterEndpoints.Named("a"), "other", Deadline.Token);

        await State.Teardown(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();
        Assert.Equal(Phase.TearingDown, (await Find(Kinds.ClusterEndpoints, "a"))!.Metadata.Phase);
        Assert.Equal([Endpoints], (await Cluster("a")).Finalizers);

        await State.RemoveFinalizer(Kinds.ClusterEndpoints.Named("a"), "other", Deadline.Token);
        await Idle();
        Assert.Null(await Find(Kinds.ClusterEndpoints, "a"));
        Assert.Empty((await Cluster("a")).Finalizers);
    }

    [Fact]
    public async Task A_chain_is_built_forwards_and_removed_backwards()
    {
        await Run(PlainEndpoints, LoadBalancers, Controller.Destroyer("ClusterDestroyer", Kinds.Clusters));
        await CreateCluster("a", "v1");
        await Idle();
        Assert.Equal("v1", (await Find(Kinds.LoadBalancerConfigs, "a"))!.Spec.BindPort);

        await State.Teardown(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();

        Assert.Null(await Find(Kinds.LoadBalancerConfigs, "a"));
        Assert.Null(await Find(Kinds.ClusterEndpoints, "a"));
        Assert.Null(await Find(Kinds.Clusters, "a"));
    }

    [Fact]
    public async Task A_teardown_hook_holds_the_output_until_it_is_satisfied()
    {
        var ready = false;
        await Run(EndpointOfCluster
            .OnTeardown((_, _, _) => ValueTask.FromResult(ready ? Reconciled.Done : Requeue.After(TimeSpan.FromSeconds(5))))
            .Do(static (_, _) => { }));
        await CreateCluster("a");
        await Idle();

        await State.Teardown(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();
        Assert.Equal(Phase.Running, (await Find(Kinds.ClusterEndpoints, "a"))!.Metadata.Phase);

        ready = true;
        await Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await Find(Kinds.ClusterEndpoints, "a"));
        Assert.Empty((await Cluster("a")).Finalizers);
    }

    [Fact]
    public async Task An_ignored_teardown_keeps_the_output_up_to_date_until_the_others_are_gone()
    {
        await Run(EndpointOfCluster.IgnoresTeardownUntil("late").Do(static (input, output) => SetAddresses(output, input.Metadata.Phase.ToWire())));
        await CreateCluster("a");
        await Idle();
        await State.AddFinalizer(Kinds.Clusters.Named("a"), "worker", Deadline.Token);
        await State.AddFinalizer(Kinds.Clusters.Named("a"), "late", Deadline.Token);

        await State.Teardown(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();
        Assert.Equal("tearingDown", await Addresses("a"));

        await State.RemoveFinalizer(Kinds.Clusters.Named("a"), "worker", Deadline.Token);
        await Idle();
        Assert.Null(await Addresses("a"));
        Assert.Equal(["late"], (await Cluster("a")).Finalizers);
    }

    [Fact]
    public async Task A_teardown_is_ignored_while_a_named_finalizer_is_there()
    {
        await Run(EndpointOfCluster.IgnoresTeardownWhile("worker").Do(static (input, output) => SetAddresses(output, input.Metadata.Phase.ToWire())));
        await CreateCluster("a");
        await Idle();
        await State.AddFinalizer(Kinds.Clusters.Named("a"), "worker", Deadline.Token);
        await State.AddFinalizer(Kinds.Clusters.Named("a"), "other", Deadline.Token);

        await State.Teardown(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();
        Assert.Equal("tearingDown", await Addresses("a"));

        await State.RemoveFinalizer(Kinds.Clusters.Named("a"), "worker", Deadline.Token);
        await Idle();
        Assert.Null(await Addresses("a"));
        Assert.Equal(["other"], (await Cluster("a")).Finalizers);
    }

    [Fact]
    public async Task A_skipped_output_is_left_as_it_is()
    {
        await Run(EndpointOfCluster.Do((_, input, output, _) =>
        {
            SetAddresses(output, input.Spec.TalosVersion);
            return ValueTask.FromResult(input.Spec.TalosVersion == "v2" ? Reconciled.Skip : Reconciled.Done);
        }));
        await CreateCluster("a", "v1");
        await CreateCluster("b", "v2");
        await Idle();

        await SetVersion("a", "v2");
        await Idle();

        Assert.Equal("v1", await Addresses("a"));
        Assert.Null(await Addresses("b"));
    }

    [Fact]
    public async Task An_output_that_is_not_wanted_goes_while_its_input_lives_and_comes_back()
    {
        await Run(EndpointOfCluster.Do((_, input, output, _) =>
        {
            SetAddresses(output, input.Spec.TalosVersion);
            return ValueTask.FromResult(input.Spec.TalosVersion == "none" ? Reconciled.DestroyOutput : Reconciled.Done);
        }));
        await CreateCluster("a", "v1");
        await Idle();

        await SetVersion("a", "none");
        await Idle();
        Assert.Null(await Addresses("a"));
        Assert.Equal([Endpoints], (await Cluster("a")).Finalizers);

        await SetVersion("a", "v2");
        await Idle();
        Assert.Equal("v2", await Addresses("a"));
    }

    [Fact]
    public async Task An_output_in_teardown_is_made_anew_once_it_could_go()
    {
        await Run(EndpointOfCluster.Do((_, input, output, _) =>
        {
            SetAddresses(output, input.Spec.TalosVersion);
            return ValueTask.FromResult(input.Spec.TalosVersion == "none" ? Reconciled.DestroyOutput : Reconciled.Done);
        }));
        await CreateCluster("a", "v1");
        await Idle();
        await State.AddFinalizer(Kinds.ClusterEndpoints.Named("a"), "other", Deadline.Token);
        await SetVersion("a", "none");
        await Idle();
        await SetVersion("a", "v2");
        await Idle();
        Assert.Equal("v1", await Addresses("a"));

        await State.RemoveFinalizer(Kinds.ClusterEndpoints.Named("a"), "other", Deadline.Token);
        await Idle();

        Assert.Equal("v2", await Addresses("a"));
        Assert.Equal(Phase.Running, (await Find(Kinds.ClusterEndpoints, "a"))!.Metadata.Phase);
    }

    [Fact]
    public async Task A_requeue_writes_the_output_and_comes_again_after_its_time()
    {
        var calls = 0;
        await Run(EndpointOfCluster.Do((_, _, output, _) =>
        {
            SetAddresses(output, $"call {++calls}");
            return ValueTask.FromResult(calls < 3 ? Requeue.After(TimeSpan.FromSeconds(10)) : Reconciled.Done);
        }));
        await CreateCluster("a");
        await Idle();
        Assert.Equal("call 1", await Addresses("a"));

        await Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("call 1", await Addresses("a"));
        await Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("call 2", await Addresses("a"));
        await Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("call 3", await Addresses("a"));
        await Advance(TimeSpan.FromHours(1));
        Assert.Equal("call 3", await Addresses("a"));
    }

    [Fact]
    public async Task A_requeue_with_a_fault_drops_the_output()
    {
        var calls = 0;
        await Run(EndpointOfCluster.Do((_, _, output, _) =>
        {
            SetAddresses(output, $"call {++calls}");
            return ValueTask.FromResult(calls == 1 ? Requeue.After(TimeSpan.FromSeconds(10)).Because(new Fault.Invalid("not yet")) : Reconciled.Done);
        }));
        await CreateCluster("a");
        await Idle();
        Assert.Null(await Addresses("a"));

        await Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("call 2", await Addresses("a"));
    }

    [Fact]
    public async Task A_mapped_input_wakes_the_items_that_it_left_and_the_ones_that_it_joined()
    {
        await Run(EndpointOfCluster
            .AlsoReads(Kinds.ClusterMachineStatuses, Map.Label(ClusterLabel))
            .Do(static async (context, cluster, endpoint, cancellation) =>
            {
                var machines = await context.List(
                    Kinds.ClusterMachineStatuses, ResourceQuery.By(LabelQuery.Equal(ClusterLabel, cluster.Metadata.Id)), cancellation);
                SetAddresses(endpoint, machines.Select(one => one.Spec.ManagementAddress));
            }));
        await CreateCluster("a");
        await CreateCluster("b");
        await CreateMachine("m1", "a", "1");
        await CreateMachine("m2", "a", "2");
        await CreateMachine("m3", "b", "3");
        await Idle();
        Assert.Equal(("1,2", "3"), (await Addresses("a"), await Addresses("b")));

        await State.Modify(
            Kinds.ClusterMachineStatuses.Named("m2"), one => one.With(one.Metadata.WithLabel(ClusterLabel, "b")), cancellation: Deadline.Token);
        await Idle();
        Assert.Equal(("1", "2,3"), (await Addresses("a"), await Addresses("b")));

        await State.Destroy(Kinds.ClusterMachineStatuses.Named("m3"), cancellation: Deadline.Token);
        await Idle();
        Assert.Equal(("1", "2"), (await Addresses("a"), await Addresses("b")));
    }

    [Fact]
    public async Task Outputs_may_have_other_ids_than_their_inputs()
    {
        var controller = EndpointOfCluster
            .WithOutputId(input => input.Id.StartsWith("no", StringComparison.Ordinal) ? null : $"of-{input.Id}", output => output.Id[3..])
            .Do(static (input, output) => SetAddresses(output, input.Spec.TalosVersion));
        await Run(controller);
        await CreateCluster("a", "v1");
        await CreateCluster("none", "v1");
        await Idle();
        Assert.Equal(("v1", null, null), (await Addresses("of-a"), await Addresses("a"), await Addresses("of-none")));
        Assert.Empty((await Cluster("none")).Finalizers);
        await State.AddFinalizer(Kinds.ClusterEndpoints.Named("of-a"), "other", Deadline.Token);

        await State.Teardown(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();
        await State.RemoveFinalizer(Kinds.ClusterEndpoints.Named("of-a"), "other", Deadline.Token);
        await Idle();

        Assert.Null(await Addresses("of-a"));
        Assert.Empty((await Cluster("a")).Finalizers);
    }

    [Fact]
    public async Task A_name_that_somebody_else_took_is_respected_and_taken_over_once_it_is_free()
    {
        await State.Create(Kinds.ClusterEndpoints.New("a"), cancellation: Deadline.Token);
        await CreateCluster("a", "v1");
        await Run(PlainEndpoints);
        Assert.Equal("", (await Find(Kinds.ClusterEndpoints, "a"))!.Metadata.Owner);

        await State.Destroy(Kinds.ClusterEndpoints.Named("a"), cancellation: Deadline.Token);
        await Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("v1", await Addresses("a"));
    }

    [Fact]
    public async Task An_output_changed_behind_the_controllers_back_is_put_right()
    {
        await Run(PlainEndpoints);
        await CreateCluster("a", "v1");
        await Idle();

        await State.Modify(
            Kinds.ClusterEndpoints.Named("a"),
            one => ((Resource<ClusterEndpointSpec>)one).With(spec => spec.ManagementAddresses.Add("drift")),
            Endpoints,
            cancellation: Deadline.Token);
        await Idle();
        Assert.Equal("v1", await Addresses("a"));

        await State.Destroy(Kinds.ClusterEndpoints.Named("a"), Endpoints, Deadline.Token);
        await Idle();
        Assert.Equal("v1", await Addresses("a"));
    }

    [Fact]
    public async Task Two_controllers_share_a_kind_and_keep_to_their_own()
    {
        static Controller Sharer(string name, ResourceKind<ClusterUUID> kind, string prefix) => Controller
            .Transform(name, kind, Kinds.ClusterEndpoints)
            .SharesOutput()
            .WithOutputId(input => prefix + input.Id, output => output.Id[prefix.Length..])
            .Do((input, output) => SetAddresses(output, prefix));
        var clusters = EndpointOfCluster.SharesOutput().Do(static (_, output) => SetAddresses(output, "cluster"));
        await Run(clusters, Sharer("Other", Kinds.ClusterUUIDs, "u-"));

        await CreateCluster("a");
        await State.Create(Kinds.ClusterUUIDs.New("a"), cancellation: Deadline.Token);
        await Idle();
        await State.Teardown(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();

        Assert.Equal((null, "u-"), (await Addresses("a"), await Addresses("u-a")));
    }
}
