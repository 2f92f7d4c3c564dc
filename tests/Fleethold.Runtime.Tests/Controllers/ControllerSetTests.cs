using Fleethold.Resources;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Runtime.Tests.Controllers;

public class ControllerSetTests
{
    private static readonly Controller Endpoints = Controller.Transform("Endpoints", Kinds.Clusters, Kinds.ClusterEndpoints)
        .AlsoReads(Kinds.ClusterMachineStatuses, Map.Label("cluster"))
        .LooksUp(Kinds.ClusterUUIDs)
        .Do(static (_, _) => { });

    private static readonly Controller Balancers = Controller.Transform("Balancers", Kinds.ClusterEndpoints, Kinds.LoadBalancerConfigs)
        .Do(static (_, _) => { });

    [Fact]
    public void Controllers_that_fit_together_are_accepted() =>
        Assert.Empty(ControllerSet.Validate([Endpoints, Balancers, Controller.Destroyer("D", Kinds.Clusters)]));

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var error = Assert.Throws<ControllerDeclarationException>(() => new ControllerSet(
            Queue("").Reads(Kinds.Clusters).Reconcile(Nothing),
            Queue("Idle").Reconcile(Nothing),
            Queue("Idle").LooksUp(Kinds.Clusters).WithConcurrency(0).Reconcile(Nothing)));

        Assert.Equal(5, error.Errors.Count);
        Assert.All(error.Errors, one => Assert.Contains(one, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_is_one_word_and_not_used_twice()
    {
        AssertError("the name is an owner and a finalizer, it must be one word", Queue("two words").Reads(Kinds.Clusters).Reconcile(Nothing));
        AssertError("2 controllers are named Endpoints", Endpoints, Queue("Endpoints").Reads(Kinds.Clusters).Reconcile(Nothing));
    }

    [Fact]
    public void A_kind_has_one_writer_or_all_share_it()
    {
        var sharer = Queue("Sharer").Reads(Kinds.Clusters).WritesShared(Kinds.ClusterEndpoints).Reconcile(Nothing);
        var another = Queue("Another").Reads(Kinds.Clusters).WritesShared(Kinds.ClusterEndpoints).Reconcile(Nothing);

        Assert.Empty(ControllerSet.Validate([sharer, another]));
        AssertError(
            "ClusterEndpoints.omni.sidero.dev(default) is written by Endpoints, Sharer, but Endpoints declared to be the only writer", Endpoints, sharer);
    }

    [Fact]
    public void What_is_computed_or_listed_from_outside_is_not_written_nor_watched()
    {
        AssertError(
            "writes CurrentUsers.omni.sidero.dev in namespace virtual, which can't be written",
            Queue("Q").Reads(Kinds.Clusters).Writes(Kinds.CurrentUsers).Reconcile(Nothing));
        AssertError("watches CurrentUsers.omni.sidero.dev, which is computed when read", Queue("Q").Reads(Kinds.CurrentUsers).Reconcile(Nothing));
        Assert.Empty(ControllerSet.Validate([Queue("Q").Reads(Kinds.Clusters).LooksUp(Kinds.CurrentUsers).Reconcile(Nothing)]));
    }

    [Fact]
    public void Transforms_that_make_their_own_inputs_are_refused_and_the_circle_is_named()
    {
        var back = Controller.Transform("Back", Kinds.LoadBalancerConfigs, Kinds.Clusters).Do(static (_, _) => { });

        AssertError(
            "Endpoints makes ClusterEndpoints.omni.sidero.dev from Clusters.omni.sidero.dev, "
            + "Balancers makes LoadBalancerConfigs.omni.sidero.dev from ClusterEndpoints.omni.sidero.dev, "
            + "Back makes Clusters.omni.sidero.dev from LoadBalancerConfigs.omni.sidero.dev",
            Endpoints,
            Balancers,
            back);
        AssertError("controllers feed themselves", Controller.Transform("Self", Kinds.Clusters, Kinds.Clusters).Do(static (_, _) => { }));
    }

    [Fact]
    public void Mapped_inputs_may_go_in_circles() =>
        Assert.Empty(ControllerSet.Validate(
            [Controller.Transform("A", Kinds.Clusters, Kinds.ClusterEndpoints).AlsoReads(Kinds.LoadBalancerConfigs, Map.SameId).Do(static (_, _) => { }), Balancers]));

    [Fact]
    public void Impossible_numbers_and_repetitions_are_refused()
    {
        AssertError("has concurrency 0", Queue("Q").Reads(Kinds.Clusters).WithConcurrency(0).Reconcile(Nothing));
        AssertError("has interval 00:00:00", Queue("Q").Reads(Kinds.Clusters).Every(TimeSpan.Zero).Reconcile(Nothing));
        AssertError("has the back-off", Queue("Q").Reads(Kinds.Clusters).WithBackoff(new(TimeSpan.Zero, TimeSpan.Zero)).Reconcile(Nothing));
        AssertError("as Primary 2 times", Queue("Q").Reads(Kinds.Clusters).Reads(Kinds.Clusters).Reconcile(Nothing));
        AssertError("declares the output", Queue("Q").Reads(Kinds.Clusters).Writes(Kinds.ClusterUUIDs).WritesShared(Kinds.ClusterUUIDs).Reconcile(Nothing));
        AssertError("has nothing that wakes it", Queue("Q").LooksUp(Kinds.Clusters).Reconcile(Nothing));
        AssertError("has primary inputs and fixed items", Queue("Q").Reads(Kinds.Clusters).WithItem("x").Reconcile(Nothing));
        AssertError("has a fixed item without a name", Queue("Q").WithItem("").Reconcile(Nothing));
    }

    [Fact]
    public void The_graph_shows_every_declaration_in_a_fixed_order()
    {
        var sharer = Queue("Sharer").Reads(Kinds.Clusters).WritesShared(Kinds.ConfigPatches).Reconcile(Nothing);

        var graph = new ControllerSet(sharer, Endpoints, Controller.Destroyer("D", Kinds.Clusters)).Graph;

        Assert.Equal(["D", "Endpoints", "Sharer"], graph.Controllers);
        Assert.Equal(
            """
            flowchart LR
                k0(["ClusterEndpoints"])
                k1(["ClusterMachineStatuses"])
                k2(["ClusterUUIDs"])
                k3(["Clusters"])
                k4(["ConfigPatches"])
                c0["D"]
                c1["Endpoints"]
                c2["Sharer"]
                k3 --> c0
                c0 -- destroys --> k3
                k3 --> c1
                k1 -.-> c1
                k2 -. looked up .-> c1
                c1 ==> k0
                k3 --> c2
                c2 == shared ==> k4

            """,
            graph.ToMermaid());
    }

    private static QueueDeclaration Queue(string name) => Controller.Queue(name);

    private static ValueTask<Reconciled> Nothing(ControllerContext context, ResourceRef item, CancellationToken cancellation) => new(Reconciled.Done);

    private static void AssertError(string part, params Controller[] controllers) =>
        Assert.Contains(ControllerSet.Validate(controllers), one => one.Contains(part, StringComparison.Ordinal));
}
