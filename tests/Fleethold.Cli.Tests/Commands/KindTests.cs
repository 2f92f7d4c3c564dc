using Fleethold.Resources;
using Fleethold.Resources.Specs;

namespace Fleethold.Cli.Tests.Commands;

public class KindTests
{
    private static SmallState Fruits()
    {
        var state = new SmallState()
            .Define("Apples.fruit.dev", "Apple", "apples", "apples.fruit", "apple", "as")
            .Define("Apricots.fruit.dev", "Apricot", "apricots", "apricot", "as");
        state.Add(new ResourceRef("default", "Apples.fruit.dev", "granny"), new DestroyStatusSpec(), "color: green\n");
        return state;
    }

    [Theory]
    [InlineData("apples.fruit.dev")]
    [InlineData("Apples.Fruit.Dev")]
    [InlineData("apples")]
    [InlineData("APPLE")]
    [InlineData("apples.fruit")]
    public async Task A_kind_is_found_by_type_and_alias_whatever_the_case(string name)
    {
        await using var host = await StateHost.Start(Fruits());
        var shell = new Shell();

        Assert.Equal(0, await shell.Run("get", name, "--socket", host.Socket));
        Assert.Equal("NAMESPACE   TYPE    ID       VERSION\ndefault     Apple   granny   1\n", shell.Out);
    }

    [Theory]
    [InlineData("as", "Error: resource type \"as\" is ambiguous: [apples.fruit.dev apricots.fruit.dev]\n")]
    [InlineData("pears", "Error: resource \"pears\" is not registered\n")]
    [InlineData("", "Error: resource \"\" is not registered\n")]
    [InlineData("fruit.dev", "Error: resource \"fruit.dev\" is not registered\n")]
    public async Task Several_kinds_or_none_are_refused(string name, string error)
    {
        await using var host = await StateHost.Start(Fruits());
        var shell = new Shell();

        Assert.Equal(1, await shell.Run("get", name, "--socket", host.Socket));
        Assert.Equal(error, shell.Error);
        Assert.Empty(shell.Out);
    }

    [Fact]
    public async Task A_kind_that_this_client_has_never_heard_of_is_shown_in_every_form()
    {
        await using var host = await StateHost.Start(Fruits());
        var (yaml, json, path) = (new Shell(), new Shell(), new Shell());

        await yaml.Run("get", "apple", "granny", "-o", "yaml", "--socket", host.Socket);
        await json.Run("get", "apple", "granny", "-o", "json", "--socket", host.Socket);
        await path.Run("get", "apple", "-o", "jsonpath={.metadata.id} is {.spec.color}", "--socket", host.Socket);

        Assert.EndsWith("    updated: 1970-01-01T00:00:00Z\nspec:\n    color: green\n", yaml.Out, StringComparison.Ordinal);
        Assert.EndsWith("    \"spec\": {\n        \"color\": \"green\"\n    }\n}\n", json.Out, StringComparison.Ordinal);
        Assert.Equal("granny is green\n", path.Out);
    }

    [Theory]
    [InlineData(4, "fhctl is too old for this Fleethold instance: the server has API version 4 (backend v9.9.9), this client 3; upgrade fhctl")]
    [InlineData(2, "fhctl is newer than this Fleethold instance: the server has API version 2 (backend v9.9.9), this client 3; use an older fhctl, or upgrade the server")]
    public async Task A_server_that_speaks_another_API_is_refused(int apiVersion, string error)
    {
        await using var host = await StateHost.Start(new SmallState((uint)apiVersion));
        var shell = new Shell();

        Assert.Equal(1, await shell.Run("get", "machines", "--socket", host.Socket));
        Assert.Equal($"Error: {error}\n", shell.Error);
    }

    [Fact]
    public async Task Notifications_of_the_server_are_shown_as_warnings()
    {
        var state = Fruits();
        state.Add(Kinds.Notifications.Named("n"), new NotificationSpec { Title = "Limit", Body = "nearly reached", Type = NotificationSpec.Types.Type.Warning });
        await using var host = await StateHost.Start(state);
        var shell = new Shell();

        Assert.Equal(0, await shell.Run("get", "apple", "--socket", host.Socket));
        Assert.Equal("[WARNING] Limit: nearly reached\n", shell.Error);
    }
}
