using Fleethold.Resources;

namespace Fleethold.Cli.Tests.Commands;

public class ExplainTests
{
    private static async Task<(int Exit, string Out, string Error)> Explain(string what)
    {
        await using var host = await StateHost.Start(new SmallState().Define("Apples.fruit.dev", "Apple", "apples", "apple"));
        var shell = new Shell();
        return (await shell.Run("explain", what, "--socket", host.Socket), shell.Out, shell.Error);
    }

    [Fact]
    public async Task A_kind_is_described_with_names_columns_and_fields()
    {
        var (exit, text, _) = await Explain("machine");

        Assert.Equal(0, exit);
        Assert.Equal(
            """
            KIND:        Machine
            TYPE:        Machines.omni.sidero.dev
            NAMESPACE:   default
            ALIASES:     machines machines.omni machines.omni.sidero machine
            COLUMNS:     Address {.managementaddress}
                         Connected {.connected}

            SPEC: MachineSpec
              managementaddress   string
              connected           bool
              usegrpctunnel       bool

            """,
            text);
    }

    [Fact]
    public async Task Nested_messages_maps_lists_and_enums_are_spelled_out()
    {
        var (_, text, _) = await Explain("mc");

        Assert.Contains("  matchlabels            list of string\n  autoprovision          Provision\n    providerid           string\n", text, StringComparison.Ordinal);
        Assert.Contains("GrpcTunnelMode (0 UNSET, 1 ENABLED, 2 DISABLED)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mc.autoprovision")]
    [InlineData("machineclasses.omni.sidero.dev.autoprovision")]
    [InlineData("MachineClasses.omni.autoprovision")]
    public async Task A_path_of_fields_shows_that_part_whatever_name_the_kind_goes_by(string what)
    {
        var (_, text, _) = await Explain(what);

        Assert.Contains("\nFIELD: autoprovision", text, StringComparison.Ordinal);
        Assert.Contains("\n  providerid ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("matchlabels", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_that_is_not_there_is_refused_with_those_that_are()
    {
        var (exit, _, error) = await Explain("mc.autoprovison");

        Assert.Equal(1, exit);
        Assert.Equal("Error: field \"autoprovison\" doesn't exist: MachineClassSpec has matchlabels, autoprovision\n", error);
    }

    [Fact]
    public async Task Every_kind_of_the_wire_contract_can_be_explained_without_a_server()
    {
        foreach (var kind in Kinds.All)
        {
            var shell = new Shell();

            Assert.Equal(0, await shell.Run("explain", kind.Type));
            Assert.Contains(kind.Type, shell.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_kind_of_the_server_alone_is_described_without_fields()
    {
        var (exit, text, _) = await Explain("apple");

        Assert.Equal(0, exit);
        Assert.Contains("The fields of its spec aren't known to this fhctl.", text, StringComparison.Ordinal);
    }
}
