using System.Text;
using Fleethold.Resources;
using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>Where settings put files.</summary>
internal static class Places
{
    /// <summary>The longest path of a Unix socket in bytes: the kernel has room for 108 with a zero byte at the end.</summary>
    public const int LongestSocket = 107;

    /// <summary>The data directory, as a full path: our own key, or the folder of Omni's SQLite file, or where fhctl looks by itself.</summary>
    public static string DataDirectory(Settings settings)
    {
        if (settings.Find(OwnKeys.DataDirectory) is not null)
        {
            return Path.GetFullPath(settings.Text(OwnKeys.DataDirectory)!);
        }

        return settings.Text("storage.sqlite.path") is { } sqlite
            ? Path.GetDirectoryName(Path.GetFullPath(sqlite)) ?? "/"
            : LocalDoor.DefaultDataDirectory(Environment.IsPrivilegedProcess, Environment.GetEnvironmentVariable);
    }

    /// <summary>The Unix socket, as a full path.</summary>
    public static string Socket(Settings settings) =>
        Path.GetFullPath(settings.Text(OwnKeys.SocketPath) ?? LocalDoor.SocketIn(DataDirectory(settings)));

    /// <summary>The kernel can't bind a socket there.</summary>
    public static bool IsTooLongForSocket(string path) => Encoding.UTF8.GetByteCount(path) > LongestSocket;
}
