using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Runtime.Controllers;
using Fleethold.Runtime.States;
using Fleethold.Testing;

namespace Fleethold.Controllers.Tests;

public class DestroyerTests
{
    [Fact]
    public async Task What_a_person_tears_down_is_gone_once_its_last_finalizer_is()
    {
        await using var state = ResourceState.InMemory(TimeProvider.System);
        await using var engine = new ControllerEngine(state, Rules.All, TimeProvider.System, new Random(1));
        await engine.StartAsync(Deadline.Token);
        var name = Kinds.Clusters.Named("a");
        Assert.Null((await state.Create(Kinds.Clusters.New("a"))).Fault);
        Assert.Null((await state.AddFinalizer(name, "somebody")).Fault);
        using var watch = state.Watch(name, WatchOptions.FromNow).Value;

        Assert.Null((await state.Teardown(name)).Fault);
        await engine.IdleAsync(Deadline.Token);
        Assert.Null((await state.Get(name)).Fault);

        Assert.Null(await state.RemoveFinalizer(name, "somebody"));
        await foreach (var change in watch.ReadAll(Deadline.Token))
        {
            if (change.Type == EventType.Destroyed)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task What_a_controller_owns_is_left_to_it()
    {
        await using var state = ResourceState.InMemory(TimeProvider.System);
        await using var engine = new ControllerEngine(state, Rules.All, TimeProvider.System, new Random(1));
        await engine.StartAsync(Deadline.Token);
        Assert.Null((await state.Create(Kinds.ConfigPatches.New("a"), owner: "somebody")).Fault);

        Assert.Null((await state.Teardown(Kinds.ConfigPatches.Named("a"), owner: "somebody")).Fault);
        await engine.IdleAsync(Deadline.Token);

        Assert.Null((await state.Get<ConfigPatchSpec>(Kinds.ConfigPatches, "a")).Fault);
    }
}
