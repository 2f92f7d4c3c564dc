using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Runtime.Controllers;
using Fleethold.Testing;

namespace Fleethold.Conformance.Runtime;

public abstract partial class RuntimeConformance
{
    [Fact]
    public async Task A_queue_controller_hears_of_items_that_come_change_and_go()
    {
        var heard = new List<string>();
        await Run(Controller.Queue("Q").Reads(Kinds.Clusters).Reconcile(async (context, item, cancellation) =>
        {
            var cluster = await context.Get(Kinds.Clusters, item.Id, cancellation);
            lock (heard)
            {
                heard.Add(cluster.Succeeded(out var present, out _) ? $"{item.Id} {present.Spec.TalosVersion}" : $"{item.Id} gone");
            }

            return Reconciled.Done;
        }));

        await CreateCluster("a", "v1");
        await Idle();
        await SetVersion("a", "v2");
        await Idle();
        await State.Destroy(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();

        Assert.Equal(["a v1", "a v2", "a gone"], heard);
    }

    [Fact]
    public async Task Writing_removing_and_finalizers_of_a_queue_controller_do_not_wake_itself()
    {
        await Run(Controller.Queue("Q").Reads(Kinds.Clusters).Writes(Kinds.ClusterEndpoints, Map.SameId).Reconcile(async (context, item, cancellation) =>
        {
            var read = await context.Get(item, cancellation);
            if (!read.Succeeded(out var cluster, out var fault))
            {
                return fault is Fault.NotFound ? Reconciled.Done : fault;
            }

            if (cluster.Metadata.Phase is Phase.Running)
            {
                return (await context.AddFinalizer(cluster, cancellation)).Fault
                    ?? (Reconciled)(await context.Write(Kinds.ClusterEndpoints, item.Id, draft => SetAddresses(draft, "q"), cancellation)).Fault;
            }

            return (await context.Remove(Kinds.ClusterEndpoints.Named(item.Id), cancellation)).Fault
                ?? (Reconciled)(await context.RemoveFinalizer(cluster, cancellation)).Fault;
        }));

        await CreateCluster("a");
        await Idle();
        Assert.Equal("q", await Addresses("a"));
        Assert.Equal(1, Engine.StatisticsOf("Q").Wakeups);

        await State.Teardown(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();
        Assert.Null(await Addresses("a"));
        Assert.Empty((await Cluster("a")).Finalizers);
        Assert.Equal(2, Engine.StatisticsOf("Q").Wakeups);
    }

    [Fact]
    public async Task A_fixed_item_sees_everything_at_once()
    {
        await CreateCluster("a", "v1");
        await Run(Controller.Queue("All").WithItem("all").MapsFrom(Kinds.Clusters, Map.To("all")).Writes(Kinds.ClusterEndpoints)
            .Reconcile(async (context, item, cancellation) =>
            {
                var clusters = await context.List(Kinds.Clusters, cancellation: cancellation);
                return (await context.Write(
                    Kinds.ClusterEndpoints, item.Id, draft => SetAddresses(draft, clusters.Select(one => one.Metadata.Id)), cancellation)).Fault;
            }));
        Assert.Equal("a", await Addresses("all"));

        await CreateCluster("b", "v1");
        await Idle();
        Assert.Equal("a,b", await Addresses("all"));

        await State.Destroy(Kinds.Clusters.Named("a"), cancellation: Deadline.Token);
        await Idle();
        Assert.Equal("b", await Addresses("all"));
    }

    [Fact]
    public async Task A_mapping_may_read_to_find_the_items_of_a_parent()
    {
        var calls = 0;
        await CreateMachine("m1", "a", "1");
        await CreateMachine("m2", "a", "2");
        await CreateMachine("m3", "b", "3");
        await Run(Controller.Queue("Q")
            .Reads(Kinds.ClusterMachineStatuses)
            .MapsFrom(Kinds.Clusters, Map.Labelled(Kinds.ClusterMachineStatuses, ClusterLabel))
            .Reconcile((_, _, _) =>
            {
                Interlocked.Increment(ref calls);
                return ValueTask.FromResult(Reconciled.Done);
            }));
        Assert.Equal(3, calls);

        await CreateCluster("a");
        await Idle();

        Assert.Equal(5, calls);
    }

    [Fact]
    public async Task A_destroyer_ends_what_is_torn_down_and_free_and_nothing_else()
    {
        await CreateCluster("free");
        await CreateCluster("held");
        await CreateCluster("wanted");
        await State.Create(Kinds.Clusters.New("owned"), "Somebody", Deadline.Token);
        await State.AddFinalizer(Kinds.Clusters.Named("held"), "other", Deadline.Token);
        await State.Teardown(Kinds.Clusters.Named("free"), cancellation: Deadline.Token);
        await Run(Controller.Destroyer("ClusterDestroyer", Kinds.Clusters));

        await State.Teardown(Kinds.Clusters.Named("held"), cancellation: Deadline.Token);
        await State.Teardown(Kinds.Clusters.Named("owned"), "Somebody", Deadline.Token);
        await Idle();
        Assert.Equal(["held", "owned", "wanted"], (await State.List(Kinds.Clusters, cancellation: Deadline.Token)).Select(one => one.Metadata.Id));

        await State.RemoveFinalizer(Kinds.Clusters.Named("held"), "other", Deadline.Token);
        await Idle();
        Assert.Equal(["owned", "wanted"], (await State.List(Kinds.Clusters, cancellation: Deadline.Token)).Select(one => one.Metadata.Id));
    }
}
