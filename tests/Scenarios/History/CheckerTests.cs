using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;

namespace Fleethold.Scenarios.History;

/// <summary>The checker itself: it lets good histories pass and finds each kind of fault.</summary>
public class CheckerTests
{
    private static readonly Resource<ClusterSpec> V1 = At(1, "one");
    private static readonly Resource<ClusterSpec> V2 = At(2, "two");

    private readonly Model _model = new(
        [new StateEvent(EventType.Created, V1), new StateEvent(EventType.Updated, V2, V1), new StateEvent(EventType.Destroyed, V2)]);

    private readonly List<Operation> _good =
    [
        Done(Verb.Create, 1, 2, V1),
        Done(Verb.Get, 3, 6, V1),
        Done(Verb.Update, 4, 5, V2),
        Failed(Verb.Update, 7, 8, new Fault.VersionConflict(V2.Metadata, V1.Metadata.Version, V2.Metadata.Version)),
        Done(Verb.Destroy, 9, 12, V2),
        Failed(Verb.Get, 10, 11, new Fault.NotFound(V1.Ref)),
    ];

    [Fact]
    public void A_good_history_passes()
    {
        Assert.Empty(Checker.CheckEvents(_model));
        Assert.Empty(Checker.CheckOperations(_model, _good));
        Assert.Empty(Checker.CheckWatch(_model, 0, _model.Events));
    }

    [Fact]
    public void A_stale_read_is_found() => AssertFound([.. _good, Done(Verb.Get, 6, 7, V1)]);

    [Fact]
    public void A_read_of_what_is_not_written_yet_is_found() => AssertFound([Done(Verb.Get, -1, 0, V2), .. _good.Skip(1), Done(Verb.Create, 1, 2, V1)]);

    [Fact]
    public void An_acknowledged_write_without_an_event_is_found() => AssertFound([.. _good, Done(Verb.Update, 13, 14, At(3, "three"))]);

    [Fact]
    public void An_event_without_a_write_is_found() => AssertFound([.. _good.Where(one => one.Verb != Verb.Update)]);

    [Fact]
    public void A_write_that_took_effect_after_it_was_acknowledged_is_found() =>
        AssertFound([.. _good.Where(one => one.Verb != Verb.Destroy), Done(Verb.Destroy, 1, 2, V2)]);

    [Fact]
    public void A_conflict_about_a_version_that_never_was_is_found() =>
        AssertFound([.. _good, Failed(Verb.Update, 13, 14, new Fault.VersionConflict(V2.Metadata, V1.Metadata.Version, new ResourceVersion(9)))]);

    [Fact]
    public void A_list_that_mixes_two_moments_is_found() =>
        AssertFound([.. _good, new Operation(Verb.List, "", 9, 12, null, [V2, At(1, "one", "other")], null)]);

    [Theory]
    [InlineData(0, 2)] // a gap
    [InlineData(0, 0, 1, 2)] // a duplicate
    [InlineData(1, 0, 2)] // another order
    [InlineData(0, 1)] // too short
    public void A_watch_that_strays_is_found(params int[] indices) =>
        Assert.NotEmpty(Checker.CheckWatch(_model, 0, [.. indices.Select(index => _model.Events[index])]));

    [Fact]
    public void A_watch_after_a_restart_may_skip_what_lies_between_but_not_the_outcome()
    {
        Assert.Empty(Checker.CheckResumed(_model, from: 1, restartedAt: 3, [_model.Events[2]]));
        Assert.Empty(Checker.CheckResumed(_model, from: 0, restartedAt: 3, []));
        Assert.NotEmpty(Checker.CheckResumed(_model, from: 1, restartedAt: 3, []));
        Assert.NotEmpty(Checker.CheckResumed(_model, from: 1, restartedAt: 2, [_model.Events[1]]));
        Assert.NotEmpty(Checker.CheckResumed(_model, from: 0, restartedAt: 2, [_model.Events[1], _model.Events[2]]));
    }

    [Fact]
    public void A_version_that_jumps_is_found() =>
        Assert.NotEmpty(Checker.CheckEvents(new Model([new StateEvent(EventType.Created, V1), new StateEvent(EventType.Updated, At(3, "x"), V1)])));

    private void AssertFound(IReadOnlyList<Operation> operations) => Assert.NotEmpty(Checker.CheckOperations(_model, operations));

    private static Operation Done(Verb verb, long invoked, long returned, Resource result) => new(verb, "a", invoked, returned, result, null, null);

    private static Operation Failed(Verb verb, long invoked, long returned, Fault fault) => new(verb, "a", invoked, returned, null, null, fault);

    private static Resource<ClusterSpec> At(ulong version, string content, string id = "a") =>
        new(new Metadata(Kinds.Clusters.Named(id)) { Version = new ResourceVersion(version) }, new ClusterSpec { TalosVersion = content });
}
