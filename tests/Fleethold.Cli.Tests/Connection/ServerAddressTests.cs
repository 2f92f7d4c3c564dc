using Fleethold.Cli.Connection;
using Fleethold.Resources;
using Fleethold.Testing;

namespace Fleethold.Cli.Tests.Connection;

public class ServerAddressTests
{
    [Fact]
    public void Root_meets_the_server_in_the_system_folder_and_others_in_their_own()
    {
        Assert.Equal("/var/lib/fleethold", LocalDoor.DefaultDataDirectory(isRoot: true, _ => "/elsewhere"));
        Assert.Equal("/xdg/fleethold", LocalDoor.DefaultDataDirectory(isRoot: false, name => name == "XDG_DATA_HOME" ? "/xdg/" : "/home/me"));
        Assert.Equal("/home/me/.local/share/fleethold", LocalDoor.DefaultDataDirectory(isRoot: false, name => name == "HOME" ? "/home/me" : null));
        Assert.Equal("/home/me/.local/share/fleethold", LocalDoor.DefaultDataDirectory(isRoot: false, name => name == "HOME" ? "/home/me" : "relative"));
        Assert.Equal("/data/fleethold.sock", LocalDoor.SocketIn("/data/"));
    }

    [Fact]
    public void Options_win_over_the_environment_and_the_environment_over_the_default()
    {
        Assert.Equal(new ServerAddress.Socket("/a"), Choose(socket: "/a", environment: ("FLEETHOLD_ENDPOINT", "https://env:1")));
        Assert.Equal(new ServerAddress.Socket("/env"), Choose(environment: ("FLEETHOLD_SOCKET", "/env")));
        Assert.Equal(new ServerAddress.Endpoint(new Uri("https://env:1"), null, false), Choose(environment: ("FLEETHOLD_ENDPOINT", "https://env:1")));
        Assert.Equal(new ServerAddress.Endpoint(new Uri("https://host:8443"), "ca.pem", false), Choose(endpoint: "host:8443", ca: "ca.pem"));
        Assert.Equal(new ServerAddress.Socket("/var/lib/fleethold/fleethold.sock", IsDefault: true), Choose());
    }

    [Fact]
    public async Task Where_nothing_listens_the_error_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var (ours, named, remote) = (new Shell().With("XDG_DATA_HOME", folder.Path), new Shell(), new Shell());

        Assert.Equal(1, await ours.Run("get", "machines"));
        Assert.Equal(1, await named.Run("get", "machines", "--socket", folder.PathOf("x.sock")));
        Assert.Equal(1, await remote.Run("get", "machines", "--endpoint", "http://127.0.0.1:1"));

        Assert.Contains($"no server listens on the Unix socket {folder.Path}/fleethold/fleethold.sock: start one with `fleethold serve`", ours.Error, StringComparison.Ordinal);
        Assert.Contains("x.sock: check the path", named.Error, StringComparison.Ordinal);
        Assert.Contains("can't reach http://127.0.0.1:1", remote.Error, StringComparison.Ordinal);
        Assert.Contains("check the host, the port and that the server runs", remote.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_path_that_no_kernel_takes_is_refused()
    {
        var shell = new Shell();

        Assert.Equal(1, await shell.Run("get", "machines", "--socket", "/" + new string('x', 107)));
        Assert.Contains("it may have 1 to 107 bytes", shell.Error, StringComparison.Ordinal);
    }

    private static ServerAddress Choose(
        string? socket = null, string? endpoint = null, string? ca = null, (string Name, string Value)? environment = null) =>
        ServerAddress.Choose(socket, endpoint, ca, skipVerify: false, new Terminal(
            TextWriter.Null, TextWriter.Null, TextReader.Null, name => name == environment?.Name ? environment?.Value : null, IsRoot: true));
}
