using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Testing;

namespace Fleethold.Conformance.States;

public abstract partial class StateConformance
{
    [Fact]
    public async Task A_list_is_in_the_order_of_ids_and_of_one_kind_and_namespace()
    {
        foreach (var id in (string[])["b", "a-2", "B", "a", "é", "a1"])
        {
            await Created(id);
        }

        await State.Create(Kinds.MachineLabels.New("other"), cancellation: Deadline.Token);
        await State.Create(New("elsewhere").With(new Metadata(Named("elsewhere") with { Namespace = "infra-provider" })), cancellation: Deadline.Token);

        Assert.Equal(["B", "a", "a-2", "a1", "b", "é"], await Ids(ResourceQuery.All));
        Assert.Empty((await State.List(Kinds.Users.Ref, ResourceQuery.All, Deadline.Token)).Value);
    }

    [Fact]
    public async Task A_list_follows_labels_and_ids_as_they_change()
    {
        for (var number = 0; number < 20; number++)
        {
            await State.Create(WithLabel(New($"id-{number:00}"), "parity", number % 2 == 0 ? "even" : "odd"), cancellation: Deadline.Token);
        }

        var one = (await State.Get(Named("id-00"), Deadline.Token)).Value;
        await State.Update(WithLabel(one, "parity", "odd"), cancellation: Deadline.Token);
        await Destroyed("id-02");
        if (IsDurable)
        {
            await Restart();
        }

        Assert.Equal(["id-04", "id-06", "id-08", "id-10", "id-12", "id-14", "id-16", "id-18"], await Ids(ResourceQuery.By(LabelQuery.Equal("parity", "even"))));
        Assert.Equal(11, (await Ids(ResourceQuery.By(LabelQuery.Equal("parity", "odd")))).Count);
        Assert.Equal(["id-10", "id-12"], await Ids(new ResourceQuery([LabelQuery.Equal("parity", "even")], IdQuery.Compile("1[0-2]").Value)));
        Assert.Equal(["id-10", "id-11"], await Ids(new ResourceQuery([], IdQuery.Compile("^id-1[01]$").Value)));
        Assert.Equal(19, (await Ids(new ResourceQuery([LabelQuery.Equal("parity", "even"), LabelQuery.Exists("parity")]))).Count);
    }

    [Fact]
    public async Task What_is_absent_is_not_found_with_its_name()
    {
        var fault = (await State.Get(Named("a"), Deadline.Token)).Fault;

        Assert.Equal("resource Clusters.omni.sidero.dev(default/a@undefined) doesn't exist", fault?.Message);
    }

    private async Task<List<string>> Ids(ResourceQuery query) =>
        [.. (await State.List(Kind.Ref, query, Deadline.Token)).Value.Select(resource => resource.Metadata.Id)];
}
