namespace Fleethold.Cli.Tests.EndToEnd;

/// <summary>Logs of machines as a person reads them.</summary>
public class MachineLogsTests
{
    [Fact]
    public async Task Lines_are_printed_as_the_machine_sent_them()
    {
        await using var server = await RealServer.Start();
        await server.Log("m1", "{\"msg\":\"one\"}", "{\"msg\":\"two é\"}");

        Assert.Equal((0, "{\"msg\":\"one\"}\n{\"msg\":\"two é\"}\n", ""), await server.Run(["machine-logs", "m1"]));
        Assert.Equal((0, "{\"msg\":\"two é\"}\n", ""), await server.Run(["logs", "m1", "--tail", "1"]));
        Assert.Equal((0, "", ""), await server.Run(["l", "m1", "--tail=0"]));
    }

    [Fact]
    public async Task Following_goes_on_until_it_is_interrupted_which_is_no_failure()
    {
        await using var server = await RealServer.Start();
        await server.Log("m1", "old", "last");
        var shell = new Shell();
        using var interrupt = new CancellationTokenSource();
        var following = shell.Run(interrupt.Token, "machine-logs", "m1", "-f", "--tail=1", "--socket", server.Socket);
        await shell.Shows("last\n");
        await server.Log("m1", "new");
        await shell.Shows("new\n");
        await interrupt.CancelAsync();
        Assert.Equal(0, await following);
        Assert.Equal("last\nnew\n", shell.Out);
    }

    [Fact]
    public async Task What_can_not_be_done_is_said()
    {
        await using var server = await RealServer.Start();
        var (exit, _, error) = await server.Run(["machine-logs", "m9"]);
        Assert.Equal(1, exit);
        Assert.Contains("log store not found: m9", error, StringComparison.Ordinal);
        (exit, _, error) = await server.Run(["machine-logs", "m9", "--log-format", "dmesg"]);
        Assert.Equal(1, exit);
        Assert.Contains("not implemented yet", error, StringComparison.Ordinal);
        Assert.Equal(1, (await server.Run(["machine-logs"])).Exit);
    }
}
