using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Testing;
using Grpc.Core;

namespace Fleethold.Cli.Tests.Commands;

public class DeleteTests
{
    private static SmallState Labels(int count)
    {
        var state = new SmallState().Define(Kinds.MachineLabels.Type, "MachineLabels", "machinelabels", "ml");
        for (var i = 0; i < count; i++)
        {
            state.Add(Kinds.MachineLabels.Named($"m{i:00}"), new MachineLabelsSpec());
        }

        return state;
    }

    [Fact]
    public async Task Eight_are_torn_down_at_once_and_what_is_gone_meanwhile_is_no_failure()
    {
        var state = Labels(20);
        var eight = new CountdownEvent(8);
        var open = new TaskCompletionSource();
        state.OnTeardown = async id =>
        {
            // The first eight wait for each other; a ninth would be seen, for it came before they went on.
            if (!eight.IsSet && eight.Signal())
            {
                open.SetResult();
            }

            await open.Task.WaitAsync(Deadline.Length);
            if (id == "m19")
            {
                throw new RpcException(new Status(StatusCode.NotFound, "gone"));
            }
        };
        await using var host = await StateHost.Start(state);
        var shell = new Shell();

        Assert.Equal(0, await shell.Run("delete", "ml", "--all", "--socket", host.Socket));
        Assert.Equal(8, state.MostAtOnce);
        Assert.Equal(["m19"], state.Ids(Kinds.MachineLabels));
        Assert.Contains("* destroyed MachineLabels.omni.sidero.dev(m00)\n", shell.Out, StringComparison.Ordinal);
        Assert.Equal("* MachineLabels.omni.sidero.dev(m19) doesn't exist\n", shell.Error);
    }

    [Fact]
    public async Task Every_failure_is_told_and_the_others_are_deleted()
    {
        var state = Labels(3);
        state.OnTeardown = id => id == "m01" ? throw new RpcException(new Status(StatusCode.PermissionDenied, "no")) : Task.CompletedTask;
        await using var host = await StateHost.Start(state);
        var shell = new Shell();

        Assert.Equal(1, await shell.Run("delete", "ml", "--all", "--socket", host.Socket));
        Assert.Equal(["m01"], state.Ids(Kinds.MachineLabels));
        Assert.Equal("Error: failed to delete MachineLabels.omni.sidero.dev(m01): rpc error: code = PermissionDenied desc = no\n", shell.Error);
    }

    [Fact]
    public async Task Without_waiting_removal_is_only_asked_for()
    {
        var state = Labels(1);
        await using var host = await StateHost.Start(state);

        Assert.Equal(0, await new Shell().Run("delete", "ml", "m00", "--wait=false", "--socket", host.Socket));
        Assert.Equal("tearingDown", state[Kinds.MachineLabels.Named("m00")].Metadata.Phase);
    }
}
