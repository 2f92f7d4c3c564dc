using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Runtime.Controllers;
using Fleethold.Testing;

namespace Fleethold.Conformance.Runtime;

public abstract partial class RuntimeConformance
{
    [Fact]
    public async Task A_restart_after_the_finalizer_and_before_the_output_goes_on_with_the_output()
    {
        await CreateCluster("a", "v1");
        await State.AddFinalizer(Kinds.Clusters.Named("a"), Endpoints, Deadline.Token);

        await Restart(PlainEndpoints);

        Assert.Equal("v1", await Addresses("a"));
    }

    [Fact]
    public async Task A_restart_between_the_steps_of_a_teardown_ends_it()
    {
        await Run(PlainEndpoints);
        foreach (var id in (string[])["before", "output-torn-down", "output-gone"])
        {
            await CreateCluster(id);
        }

        await Idle();
        await StopEngine();
        foreach (var id in (string[])["before", "output-torn-down", "output-gone"])
        {
            await State.Teardown(Kinds.Clusters.Named(id), cancellation: Deadline.Token);
        }

        await State.Teardown(Kinds.ClusterEndpoints.Named("output-torn-down"), Endpoints, Deadline.Token);
        await State.Destroy(Kinds.ClusterEndpoints.Named("output-gone"), Endpoints, Deadline.Token);

        await Restart(PlainEndpoints);

        foreach (var id in (string[])["before", "output-torn-down", "output-gone"])
        {
            Assert.Null(await Addresses(id));
            Assert.Empty((await Cluster(id)).Finalizers);
        }
    }

    [Fact]
    public async Task Outputs_whose_input_is_gone_at_the_start_are_removed_and_those_of_others_stay()
    {
        await State.Create(Kinds.ClusterEndpoints.New("orphan"), Endpoints, Deadline.Token);
        await State.Create(Kinds.ClusterEndpoints.New("held"), Endpoints, Deadline.Token);
        await State.AddFinalizer(Kinds.ClusterEndpoints.Named("held"), "other", Deadline.Token);
        await State.Create(Kinds.ClusterEndpoints.New("foreign"), "Somebody", Deadline.Token);

        await Restart(PlainEndpoints);
        Assert.Null(await Find(Kinds.ClusterEndpoints, "orphan"));
        Assert.Equal(Phase.TearingDown, (await Find(Kinds.ClusterEndpoints, "held"))!.Metadata.Phase);
        Assert.NotNull(await Find(Kinds.ClusterEndpoints, "foreign"));

        await State.RemoveFinalizer(Kinds.ClusterEndpoints.Named("held"), "other", Deadline.Token);
        await Idle();
        Assert.Null(await Find(Kinds.ClusterEndpoints, "held"));
    }

    [Fact]
    public async Task Orphans_with_ids_of_their_own_are_removed_too()
    {
        await State.Create(Kinds.ClusterEndpoints.New("of-a"), Endpoints, Deadline.Token);

        await Restart(EndpointOfCluster.WithOutputId(input => $"of-{input.Id}", output => output.Id[3..]).Do(static (_, _) => { }));

        Assert.Null(await Addresses("of-a"));
    }

    [Fact]
    public async Task A_restart_without_changes_writes_nothing()
    {
        await Run(PlainEndpoints, LoadBalancers);
        await CreateCluster("a");
        await CreateCluster("b");
        await Idle();

        await Restart(PlainEndpoints, LoadBalancers);

        Assert.Equal(0, Engine.StatisticsOf(Endpoints).Writes);
        Assert.Equal(2, Engine.StatisticsOf(Endpoints).Wakeups);
        Assert.Equal(0, Engine.StatisticsOf("LoadBalancerController").Writes);
    }

    /// <summary>
    /// The property behind everything else: whatever people do at the same time, and however often the engine restarts in the middle of it,
    /// once all is quiet each input has the right outputs, and nothing else is left.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20260801)]
    public async Task No_change_is_lost_under_random_load_and_restarts(int seed)
    {
        var controllers = new[]
        {
            EndpointOfCluster.WithConcurrency(8).Do(static (input, output) => SetAddresses(output, input.Spec.TalosVersion)),
            LoadBalancers,
            Controller.Destroyer("ClusterDestroyer", Kinds.Clusters),
        };
        await Run(controllers);
        for (var round = 0; round < 4; round++)
        {
            var people = Enumerable.Range(0, 4).Select(person => Task.Run(() => ActAtRandom(new Random(seed + round * 100 + person), 60))).ToArray();
            await Run(controllers);
            await Deadline.Within(Task.WhenAll(people));
        }

        await Restart(controllers);

        var clusters = await State.List(Kinds.Clusters, cancellation: Deadline.Token);
        Assert.All(clusters, one => Assert.Equal(Phase.Running, one.Metadata.Phase));
        var expected = clusters.Select(one => $"{one.Metadata.Id} {one.Spec.TalosVersion}").ToArray();
        var endpoints = await State.List(Kinds.ClusterEndpoints, cancellation: Deadline.Token);
        var balancers = await State.List(Kinds.LoadBalancerConfigs, cancellation: Deadline.Token);
        Assert.Equal(expected, endpoints.Select(one => $"{one.Metadata.Id} {one.Spec.ManagementAddresses.Single()}"));
        Assert.Equal(expected, balancers.Select(one => $"{one.Metadata.Id} {one.Spec.BindPort}"));
    }

    [Fact]
    public async Task No_change_is_lost_while_the_engine_runs_through()
    {
        await Run(EndpointOfCluster.WithConcurrency(8).Do(static (input, output) => SetAddresses(output, input.Spec.TalosVersion)));

        await Deadline.Within(Task.WhenAll(Enumerable.Range(0, 4).Select(person => Task.Run(() => ActAtRandom(new Random(7 + person), 150)))));
        await CreateCluster("last", "v1");
        await Idle();

        Assert.Equal("v1", await Addresses("last"));
        foreach (var cluster in await State.List(Kinds.Clusters, cancellation: Deadline.Token))
        {
            var isRunning = cluster.Metadata.Phase is Phase.Running;
            Assert.Equal(isRunning ? cluster.Spec.TalosVersion : null, await Addresses(cluster.Metadata.Id));
            Assert.Equal(isRunning ? [Endpoints] : [], cluster.Metadata.Finalizers);
        }
    }

    private async Task ActAtRandom(Random random, int actions)
    {
        for (var action = 0; action < actions; action++)
        {
            // Gives the engine a chance to get in between, also where a write returns at once.
            await Task.Yield();
            var id = $"c{random.Next(6)}";
            var reference = Kinds.Clusters.Named(id);
            switch (random.Next(10))
            {
                case < 4:
                    await State.Create(Kinds.Clusters.New(id, new ClusterSpec { TalosVersion = $"v{random.Next()}" }), cancellation: Deadline.Token);
                    break;
                case < 7:
                    await State.Modify(
                        reference, one => ((Resource<ClusterSpec>)one).With(spec => spec.TalosVersion = $"v{random.Next()}"), cancellation: Deadline.Token);
                    break;
                case < 9:
                    await State.Teardown(reference, cancellation: Deadline.Token);
                    break;
                default:
                    await State.Destroy(reference, cancellation: Deadline.Token);
                    break;
            }
        }
    }
}
