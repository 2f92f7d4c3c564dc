using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Testing;

namespace Fleethold.Cli.Tests.Commands;

public class EditTests
{
    private static readonly ResourceRef Arm = Kinds.MachineClasses.Named("arm");

    private static SmallState Classes()
    {
        var state = new SmallState().Define(Kinds.MachineClasses.Type, "MachineClass", "machineclasses", "machineclass", "mc");
        state.Add(Arm, new MachineClassSpec { MatchLabels = { "arch = arm64" } }, "matchlabels:\n    - arch = arm64\nautoprovision: null\n");
        return state;
    }

    private static async Task<(int Exit, Shell Shell)> Edit(SmallState state, string editor)
    {
        await using var host = await StateHost.Start(state);
        var shell = new Shell().With("EDITOR", editor);
        return (await shell.Run("edit", "mc", "arm", "--socket", host.Socket), shell);
    }

    [Fact]
    public async Task What_the_editor_changed_is_stored_over_the_version_that_was_read()
    {
        var state = Classes();
        var (exit, shell) = await Edit(state, "sed -i s/arm64/riscv64/");

        Assert.Equal(("", 0), (shell.Error, exit));
        Assert.Equal(["arch = riscv64"], MachineClassSpec.Parser.ParseFrom(state[Arm].Spec.ProtoSpec).MatchLabels);
        Assert.Equal("1", state[Arm].Metadata.Version);
    }

    [Fact]
    public async Task An_unchanged_file_changes_nothing_and_says_nothing()
    {
        var state = Classes();
        state.OnUpdate = _ => Assert.Fail("nothing was changed");
        var (exit, shell) = await Edit(state, "true");

        Assert.Equal(("", "", 0), (shell.Error, shell.Out, exit));
    }

    [Fact]
    public async Task A_conflict_is_told_and_the_edited_file_is_kept()
    {
        var state = Classes();
        state.OnUpdate = _ => state[Arm].Metadata.Version = "2";
        var (exit, shell) = await Edit(state, "sed -i s/arm64/riscv64/");

        Assert.Equal(1, exit);
        Assert.StartsWith("Error: somebody else changed MachineClasses.omni.sidero.dev(arm) meanwhile, nothing was stored", shell.Error, StringComparison.Ordinal);
        Assert.Contains("riscv64", await TakeKeptFile(shell), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sed -i 's/id: arm/id: leg/'", "can't be changed")]
    [InlineData("sed -i 's/spec:/spec: [/'", "yaml: 12:9: ")]
    [InlineData("sed -i 's/matchlabels/machtlabels/'", "machtlabels")]
    public async Task What_cannot_be_stored_is_told_and_the_edited_file_is_kept(string editor, string reason)
    {
        var (exit, shell) = await Edit(Classes(), editor);

        Assert.Equal(1, exit);
        Assert.Contains(reason, shell.Error, StringComparison.Ordinal);
        Assert.Contains("MachineClasses", await TakeKeptFile(shell), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_editor_that_fails_is_told()
    {
        var (exit, shell) = await Edit(Classes(), "false");

        Assert.Equal(1, exit);
        Assert.Contains("the editor false failed with exit code 1", shell.Error, StringComparison.Ordinal);
        await TakeKeptFile(shell);
    }

    private static async Task<string> TakeKeptFile(Shell shell)
    {
        var start = shell.Error.IndexOf(Path.GetTempPath(), StringComparison.Ordinal);
        var file = shell.Error[start..(shell.Error.IndexOf(".yaml", start, StringComparison.Ordinal) + ".yaml".Length)];
        var text = await File.ReadAllTextAsync(file, Deadline.Token);
        Directory.GetParent(file)!.Delete(recursive: true);
        return text;
    }
}
