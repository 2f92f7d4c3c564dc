using System.Collections.Immutable;
using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Testing;

namespace Fleethold.Conformance.States;

public abstract partial class StateConformance
{
    [Fact]
    public async Task A_created_resource_has_version_1_its_owner_and_the_present_as_its_time()
    {
        var given = New("a").With(New("a").Metadata with
        {
            Version = new ResourceVersion(7),
            Created = Instant.Zero,
            Updated = new Instant(5, 6),
            Labels = StringMap.Of(("l", "")),
            Annotations = StringMap.Of(("n", "m")),
            Finalizers = ["f"],
            Phase = Phase.TearingDown,
        });

        var stored = (await State.Create(given, "owner", Deadline.Token)).Value;

        Assert.Equal(ResourceVersion.First, stored.Metadata.Version);
        Assert.Equal("owner", stored.Metadata.Owner);
        Assert.Equal(Instant.Now(Clock), stored.Metadata.Created);
        Assert.Equal(new Instant(5, 6), stored.Metadata.Updated);
        Assert.Equal(Phase.TearingDown, stored.Metadata.Phase);
        Assert.Equal(["f"], stored.Metadata.Finalizers.AsEnumerable());
        Assert.True((await State.Get(Named("a"), Deadline.Token)).Value.SameAs(stored));
    }

    [Fact]
    public async Task Creating_what_is_there_is_a_conflict()
    {
        await Created("a");

        Assert.IsType<Fault.AlreadyExists>((await State.Create(New("a"), cancellation: Deadline.Token)).Fault);
    }

    [Fact]
    public async Task A_resource_that_names_another_owner_cannot_be_created()
    {
        var owned = New("a").With(New("a").Metadata with { Owner = "one" });

        Assert.NotNull((await State.Create(owned, "other", Deadline.Token)).Fault);
        Assert.IsType<Fault.NotFound>((await State.Get(Named("a"), Deadline.Token)).Fault);
    }

    [Fact]
    public async Task An_update_raises_the_version_and_keeps_owner_and_creation()
    {
        var first = await Created("a", "owner");
        Clock.Advance(TimeSpan.FromSeconds(3));

        var second = await Changed(first.With(first.Metadata with { Created = Instant.Zero }), "v2", "owner");

        Assert.Equal(new ResourceVersion(2), second.Metadata.Version);
        Assert.Equal(("owner", first.Metadata.Created, Instant.Now(Clock)), (second.Metadata.Owner, second.Metadata.Created, second.Metadata.Updated));
        Assert.Equal("v2", Version((await State.Get(Named("a"), Deadline.Token)).Value));
    }

    [Fact]
    public async Task An_update_is_checked_for_existence_owner_version_and_phase_in_this_order()
    {
        var first = await Created("a", "owner");
        var second = await Changed(first, "v2", "owner");
        var torn = (await State.Teardown(Named("a"), "owner", Deadline.Token)).Value;

        Assert.IsType<Fault.NotFound>((await State.Update(New("b"), "other", cancellation: Deadline.Token)).Fault);
        Assert.IsType<Fault.OwnerConflict>((await State.Update(first, "other", cancellation: Deadline.Token)).Fault);
        Assert.IsType<Fault.VersionConflict>((await State.Update(second, "owner", cancellation: Deadline.Token)).Fault);
        Assert.IsType<Fault.PhaseConflict>((await State.Update(torn, "owner", cancellation: Deadline.Token)).Fault);
        Assert.Null((await State.Update(torn, "owner", Phase.TearingDown, Deadline.Token)).Fault);
    }

    [Fact]
    public async Task An_update_of_any_phase_needs_no_phase()
    {
        await Created("a");
        var torn = (await State.Teardown(Named("a"), cancellation: Deadline.Token)).Value;

        Assert.Null((await State.Update(torn, expectedPhase: null, cancellation: Deadline.Token)).Fault);
    }

    [Fact]
    public async Task Of_concurrent_updates_from_one_version_one_wins()
    {
        var first = await Created("a");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(async () =>
            await State.Update(((Resource<Resources.Specs.ClusterSpec>)first).With(spec => spec.TalosVersion = $"v{number}"), cancellation: Deadline.Token))));

        var winner = Assert.Single(outcomes, outcome => outcome.Fault is null).Value;
        Assert.Equal(19, outcomes.Count(outcome => outcome.Fault is Fault.VersionConflict));
        Assert.Equal(Version(winner), Version((await State.Get(Named("a"), Deadline.Token)).Value));
    }

    [Fact]
    public async Task A_teardown_sets_the_phase_once()
    {
        await Created("a", "owner");

        Assert.IsType<Fault.NotFound>((await State.Teardown(Named("b"), cancellation: Deadline.Token)).Fault);
        Assert.IsType<Fault.OwnerConflict>((await State.Teardown(Named("a"), "other", Deadline.Token)).Fault);
        var torn = (await State.Teardown(Named("a"), "owner", Deadline.Token)).Value;
        var again = (await State.Teardown(Named("a"), "owner", Deadline.Token)).Value;

        Assert.Equal((Phase.TearingDown, new ResourceVersion(2)), (torn.Metadata.Phase, torn.Metadata.Version));
        Assert.Equal(torn.Metadata.Version, again.Metadata.Version);
    }

    [Fact]
    public async Task A_destroy_is_checked_for_existence_owner_and_finalizers_in_this_order()
    {
        var resource = New("a").With(New("a").Metadata with { Finalizers = ["x", "y"] });
        await State.Create(resource, "owner", Deadline.Token);

        Assert.IsType<Fault.NotFound>((await State.Destroy(Named("b"), cancellation: Deadline.Token)).Fault);
        Assert.IsType<Fault.OwnerConflict>((await State.Destroy(Named("a"), "other", Deadline.Token)).Fault);
        var pending = Assert.IsType<Fault.PendingFinalizers>((await State.Destroy(Named("a"), "owner", Deadline.Token)).Fault);
        Assert.Contains("[x y]", pending.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_resource_without_finalizers_can_be_destroyed_and_made_again_with_version_1()
    {
        var first = await Created("a");
        await Changed(first, "v2");

        var last = (await State.Destroy(Named("a"), cancellation: Deadline.Token)).Value;
        Assert.Equal("v2", Version(last));
        Assert.IsType<Fault.NotFound>((await State.Get(Named("a"), Deadline.Token)).Fault);

        Assert.Equal(ResourceVersion.First, (await Created("a")).Metadata.Version);
    }

    [Fact]
    public async Task Finalizers_are_changed_by_anybody_whoever_owns_the_resource()
    {
        await Created("a", "owner");

        await State.AddFinalizer(Named("a"), "mine", Deadline.Token);
        await State.AddFinalizer(Named("a"), "mine", Deadline.Token);
        var with = (await State.Get(Named("a"), Deadline.Token)).Value.Metadata;
        await State.Teardown(Named("a"), "owner", Deadline.Token);
        await State.RemoveFinalizer(Named("a"), "mine", Deadline.Token);
        var without = (await State.Get(Named("a"), Deadline.Token)).Value.Metadata;

        Assert.Equal((ImmutableArray<string>)["mine"], with.Finalizers.ToArray());
        Assert.Equal(("owner", 2UL), (with.Owner, with.Version.Value));
        Assert.Equal(("owner", 0), (without.Owner, without.Finalizers.Length));
    }

    [Fact]
    public async Task Resources_of_ephemeral_kinds_end_with_the_process()
    {
        await State.Create(Kinds.LinkStatuses.New("x"), cancellation: Deadline.Token);
        Assert.Null((await State.Get(Kinds.LinkStatuses.Named("x"), Deadline.Token)).Fault);

        await Restart();

        Assert.IsType<Fault.NotFound>((await State.Get(Kinds.LinkStatuses.Named("x"), Deadline.Token)).Fault);
    }

    [Fact]
    public async Task Resources_of_unknown_types_keep_what_they_came_with()
    {
        var opaque = new OpaqueResource(new Metadata(new ResourceRef("infra-provider:x", "Things.example.org", "t")), new byte[] { 1, 2, 3 }, "a: 1\n");
        await State.Create(opaque, cancellation: Deadline.Token);
        if (IsDurable)
        {
            await Restart();
        }

        var found = Assert.IsType<OpaqueResource>((await State.Get(opaque.Ref, Deadline.Token)).Value);
        Assert.Equal("a: 1\n", found.Yaml);
        Assert.Equal([1, 2, 3], found.SpecBytes.ToArray());
    }
}
