using System.Net.Sockets;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;

namespace Fleethold.Server.Edge;

/// <summary>
/// The Unix socket with full rights. It is bound in a folder that nobody else can enter, gets mode 0600 there, and is then moved to its place,
/// so that there is no moment at which others could connect. A socket left by a dead server is replaced, one that is served is not.
/// </summary>
internal sealed class LocalSocket(ServerConfiguration configuration) : IStageService
{
    private readonly string _path = configuration.LocalDoors.SocketPath;
    private Socket? _bound;

    /// <inheritdoc/>
    public Stage Stage => Stage.Edge;

    /// <inheritdoc/>
    public Task Start(CancellationToken cancellation)
    {
        try
        {
            RemoveStale(_path);
            _bound = Bind(_path);
        }
        catch (Exception failure) when (failure is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the Unix socket {_path} can't be made: {failure.Message}", failure);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Stop(CancellationToken cancellation)
    {
        _bound?.Dispose();
        File.Delete(_path);
        return Task.CompletedTask;
    }

    /// <summary>The bound socket, which belongs to the listener from now on.</summary>
    public Socket TakeBound() => Interlocked.Exchange(ref _bound, null) ?? throw new InvalidOperationException("the local socket isn't bound");

    private static Socket Bind(string path)
    {
        var home = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // The name is as short as the socket's own, or a path that fits would no longer fit here.
        var nest = Path.Combine(home, $".{Environment.ProcessId:x}");
        if (Directory.Exists(nest))
        {
            Directory.Delete(nest, recursive: true);
        }

        Directory.CreateDirectory(nest, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var place = Path.Combine(nest, "s");
            socket.Bind(new UnixDomainSocketEndPoint(place));
            File.SetUnixFileMode(place, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.Move(place, path);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        finally
        {
            Directory.Delete(nest, recursive: true);
        }
    }

    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException nobody) when (nobody.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException other)
        {
            throw new StartException($"{path} is in the way and can't be told to be a socket of a dead server ({other.Message}): remove it", other);
        }

        throw new StartException($"another server answers at {path}: stop it first, or choose another data directory");
    }
}
