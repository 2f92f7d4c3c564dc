using Fleethold.Server.Commands;
using Fleethold.Testing;

namespace Fleethold.Server.Tests;

public class ExecutableTests
{
    [Fact]
    public async Task Version_names_the_program()
    {
        var (code, output, error) = await Run("version");

        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("fleethold ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_nobody_knows_is_told_in_one_line()
    {
        var (code, _, error) = await Run("dance", "--fast");

        Assert.Equal((2, "fleethold: there is no command \"dance\"; fleethold help lists them\n"), (code, error));
    }

    [Fact]
    public async Task A_broken_configuration_does_not_start_and_says_everything_that_is_wrong()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("bad.yaml"), "nonsense: 1\nservices:\n  api:\n    endpoint: nowhere\n");

        var (code, _, error) = await Run("serve", "--config-path", folder.PathOf("bad.yaml"));
        var (checkCode, _, checkError) = await Run("config", "check", folder.PathOf("bad.yaml"));

        Assert.Equal((2, 2), (code, checkCode));
        foreach (var text in (string[])[error, checkError])
        {
            Assert.Contains("nonsense", text, StringComparison.Ordinal);
            Assert.Contains("services.api.endpoint", text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_second_server_on_the_same_socket_is_refused_in_one_line()
    {
        await using var server = await RunningServer.Start();
        using var folder = new TemporaryFolder();

        var (code, _, error) = await Run(
            "serve", "--data-dir", folder.PathOf("other"), "--socket", server.SocketPath, "--bind-addr", "127.0.0.1:0", "--metrics-bind-addr", "127.0.0.1:0",
            "--tunnel=false");

        Assert.Equal(1, code);
        Assert.Equal($"fleethold: another server answers at {server.SocketPath}: stop it first, or choose another data directory\n", error);
    }

    [Fact]
    public async Task A_socket_left_by_a_dead_server_is_replaced()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf("data"));
        using (var dead = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
        {
            dead.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(folder.PathOf("data/s")));
            File.Move(folder.PathOf("data/s"), folder.PathOf("data/fleethold.sock"));
        }

        await using var server = await RunningServer.Start(folder: folder);

        await server.Socket().CreateCluster("c1");
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Deadline.Within(Executable.Run(arguments, output, error));
        return (code, output.ToString(), error.ToString());
    }
}
