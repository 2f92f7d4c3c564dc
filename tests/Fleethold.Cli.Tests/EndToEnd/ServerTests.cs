using System.Diagnostics;
using System.Globalization;
using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Testing;

namespace Fleethold.Cli.Tests.EndToEnd;

/// <summary>fhctl against the real server, over its Unix socket.</summary>
public class ServerTests
{
    private const string Two = """
        metadata:
          type: MachineClasses.omni.sidero.dev
          id: amd
          labels:
            team: blue
        spec:
          matchlabels:
            - omni.sidero.dev/arch = amd64
        ---
        metadata:
          namespace: default
          type: MachineClasses.omni.sidero.dev
          id: arm
          labels:
            team: red
        spec:
          matchlabels: [omni.sidero.dev/arch = arm64]
        """;

    [Fact]
    public async Task Resources_are_applied_shown_changed_and_deleted()
    {
        await using var server = await RealServer.Start();

        Assert.Equal((0, "", ""), await server.Run(["apply", "-f", "-"], Two));
        Assert.Equal(
            (0, "NAMESPACE   TYPE           ID    VERSION\ndefault     MachineClass   amd   1\ndefault     MachineClass   arm   1\n", ""),
            await server.Run(["get", "machineclass"]));
        Assert.Equal(
            (0, "NAMESPACE   TYPE           ID    VERSION\ndefault     MachineClass   arm   1\n", ""),
            await server.Run(["get", "machineclasses.omni.sidero.dev", "-l", "team in (red, green)"]));
        Assert.Equal((0, "amd blue\n", ""), await server.Run(["get", "mc", "--id-match-regexp", "^am", "-o", "jsonpath={.metadata.id} {.metadata.labels.team}"]));

        var (exit, text, _) = await server.Run(["apply", "-f", "-", "--verbose"], Two.Replace("team: red", "team: gold", StringComparison.Ordinal));
        Assert.Equal(0, exit);
        Assert.StartsWith("Processing 1 resource file(s)\nApplying resources from: -\nUpdating resource 'amd'\n\nmetadata:\n", text, StringComparison.Ordinal);
        Assert.Contains("team: \u001b[31mre\u001b[0m\u001b[32mgol\u001b[0md\n", text, StringComparison.Ordinal);

        Assert.Equal((0, "", ""), await server.Run(["edit", "mc", "arm"], editor: "sed -i s/gold/silver/"));
        var edited = await server.State.Get(Kinds.MachineClasses.Named("arm"), Deadline.Token);
        Assert.Equal(("silver", "3"), (edited.Value.Metadata.Labels["team"], edited.Value.Metadata.Version.ToString()));

        Assert.Equal(
            (0, "* tearing down MachineClasses.omni.sidero.dev(arm)\n* destroyed MachineClasses.omni.sidero.dev(arm)\n", ""),
            await server.Run(["delete", "mc", "-l", "team=silver"]));
        Assert.Equal((0, "NAMESPACE   TYPE           ID    VERSION\ndefault     MachineClass   amd   2\n", ""), await server.Run(["get", "mc"]));
    }

    [Fact]
    public async Task A_dry_run_shows_the_change_and_makes_none()
    {
        await using var server = await RealServer.Start();

        var (exit, text, error) = await server.Run(["apply", "-f", "-", "--dry-run"], Two);

        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("Creating resource 'arm'\n\nmetadata:\n    namespace: default\n", text, StringComparison.Ordinal);
        Assert.Equal((0, "NAMESPACE   TYPE   ID   VERSION\n", ""), await server.Run(["get", "mc"]));
    }

    [Fact]
    public async Task Applying_leaves_the_finalizers_of_controllers_and_deleting_waits_for_them()
    {
        await using var server = await RealServer.Start();
        await server.Run(["apply", "-f", "-"], Two);
        var arm = Kinds.MachineClasses.Named("arm");
        await server.State.AddFinalizer(arm, "Cleaner", Deadline.Token);

        Assert.Equal((0, "", ""), await server.Run(["apply", "-f", "-"], Two));
        Assert.Equal(["Cleaner"], (await server.State.Get(arm, Deadline.Token)).Value.Metadata.Finalizers);

        using var watch = server.State.Watch(arm, WatchOptions.FromNow).Value;
        var deletion = server.Run(["delete", "mc", "arm"]);
        await foreach (var change in watch.ReadAll(Deadline.Token))
        {
            if (change.Resource.Metadata.Phase == Phase.TearingDown)
            {
                break;
            }
        }

        Assert.False(deletion.IsCompleted);
        await server.State.RemoveFinalizer(arm, "Cleaner", Deadline.Token);
        Assert.Equal(0, (await deletion).Exit);
    }

    [Fact]
    public async Task A_watch_shows_what_is_there_and_then_each_change()
    {
        await using var server = await RealServer.Start();
        await server.Run(["apply", "-f", "-"], Two);
        using var interrupt = new CancellationTokenSource();
        var shell = new Shell();
        var watch = shell.Run(interrupt.Token, "get", "mc", "--watch", "--socket", server.Socket);
        await shell.Shows("+   default     MachineClass   arm   1\n");

        await server.Run(["apply", "-f", "-"], Two);
        await server.Run(["delete", "mc", "arm"]);
        await shell.Shows("-   default     MachineClass   arm ");
        await interrupt.CancelAsync();

        Assert.Equal(0, await watch);
        Assert.StartsWith(
            "*   NAMESPACE   TYPE           ID    VERSION\n+   default     MachineClass   amd   1\n+   default     MachineClass   arm   1\n    default     MachineClass   amd   2\n",
            shell.Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_in_its_words()
    {
        await using var server = await RealServer.Start();
        await server.State.Create(Kinds.MachineClasses.New("owned"), "SomeController", Deadline.Token);

        Assert.Equal(
            (1, "", "Error: failed to apply resources from file \"-\": failed to update resource 'owned' 'MachineClasses.omni.sidero.dev': rpc error: code = PermissionDenied desc = resource MachineClasses.omni.sidero.dev(default/owned@1) is owned by \"SomeController\"\n"),
            await server.Run(["apply", "-f", "-"], "metadata: {type: MachineClasses.omni.sidero.dev, id: owned}\nspec: {}\n"));
        Assert.Equal(
            (1, "", "Error: failed to apply resources from file \"-\": yaml: 1:11: no resource is registered for the resource type Apples.fruit.dev\n"),
            await server.Run(["apply", "-f", "-"], "metadata: {type: Apples.fruit.dev, id: x}\nspec: {}\n"));
        Assert.Equal(
            (1, "NAMESPACE   TYPE   ID   VERSION\n", "Error: rpc error: code = NotFound desc = resource MachineClasses.omni.sidero.dev(default/nope@undefined) doesn't exist\n"),
            await server.Run(["get", "mc", "nope"]));
    }

    [Fact]
    public async Task Over_the_network_the_certificate_is_checked_before_anything_is_said()
    {
        await using var server = await RealServer.Start();
        var url = $"https://localhost:{server.ApiPort}";
        var (stranger, known, careless) = (new Shell(), new Shell(), new Shell());

        Assert.Equal(1, await stranger.Run("get", "mc", "--endpoint", url));
        Assert.Equal(1, await known.Run("get", "mc", "--endpoint", url, "--ca", server.CaFile));
        Assert.Equal(1, await careless.Run("get", "mc", "--endpoint", url, "--insecure-skip-tls-verify"));

        Assert.Contains("isn't trusted", stranger.Error, StringComparison.Ordinal);
        Assert.Contains("--ca FILE", stranger.Error, StringComparison.Ordinal);
        Assert.StartsWith("Error: rpc error: code = Unauthenticated desc = ", known.Error, StringComparison.Ordinal);
        Assert.StartsWith("Error: rpc error: code = Unauthenticated desc = ", careless.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_local_door_for_readers_shows_and_refuses_to_change()
    {
        await using var server = await RealServer.Start();
        await server.Run(["apply", "-f", "-"], Two);
        var door = $"http://127.0.0.1:{server.ReaderPort}";
        var (reader, writer) = (new Shell(), new Shell());

        Assert.Equal(0, await reader.Run("get", "mc", "--endpoint", door));
        Assert.Equal(1, await writer.Run("delete", "mc", "amd", "--endpoint", door));

        Assert.Contains("amd   1\n", reader.Out, StringComparison.Ordinal);
        Assert.Contains("failed to delete MachineClasses.omni.sidero.dev(amd): rpc error: code = ", writer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_versions_of_both_sides_are_shown()
    {
        await using var server = await RealServer.Start();

        var (exit, text, _) = await server.Run(["version"]);

        Assert.Equal(0, exit);
        Assert.StartsWith("Client:\n    version: 0.", text, StringComparison.Ordinal);
        Assert.Contains("    backend version: v1.10.0\n    API version: 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_kind_that_the_server_defines_can_be_listed()
    {
        await using var server = await RealServer.Start();

        var (exit, text, _) = await server.Run(["get", "rd", "-o", "jsonpath={.metadata.id}"]);

        Assert.Equal(0, exit);
        Assert.Equal(Kinds.All.Select(kind => kind.Type.ToLowerInvariant()).Order(StringComparer.Ordinal), text.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task The_executable_prints_and_exits_like_any_command()
    {
        await using var server = await RealServer.Start();
        using var found = Executable(server, "get", "sysversion", "-o", "jsonpath={.spec.backendapiversion}");
        using var missing = Executable(server, "get", "nonsense");

        Assert.Equal((0, "3\n", ""), await Finish(found));
        Assert.Equal((1, "", "Error: resource \"nonsense\" is not registered\n"), await Finish(missing));
    }

    [Fact]
    public async Task An_interrupted_watch_of_the_executable_ends_well()
    {
        await using var server = await RealServer.Start();
        using var watch = Executable(server, "get", "sysversion", "--watch");

        Assert.StartsWith("*   NAMESPACE", await watch.StandardOutput.ReadLineAsync(Deadline.Token), StringComparison.Ordinal);
        using var interrupt = Process.Start("kill", ["-INT", watch.Id.ToString(CultureInfo.InvariantCulture)]);
        await interrupt.WaitForExitAsync(Deadline.Token);

        var (exit, _, error) = await Finish(watch);
        Assert.Equal((0, ""), (exit, error));
    }

    private static Process Executable(RealServer server, params string[] arguments)
    {
        // The executable of the same configuration, where its own build put it.
        var built = Path.GetRelativePath(Repository.PathOf("tests", "Fleethold.Cli.Tests"), AppContext.BaseDirectory);
        return Process.Start(new ProcessStartInfo(Repository.PathOf("src", "Fleethold.Cli", built, "fhctl"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["FLEETHOLD_SOCKET"] = server.Socket },
        })!;
    }

    private static async Task<(int Exit, string Out, string Error)> Finish(Process process)
    {
        var (standard, error) = (process.StandardOutput.ReadToEndAsync(Deadline.Token), process.StandardError.ReadToEndAsync(Deadline.Token));
        await process.WaitForExitAsync(Deadline.Token);
        return (process.ExitCode, await standard, await error);
    }
}
