using System.Globalization;

namespace Fleethold.Interop.Topology;

/// <summary>
/// Two network namespaces with a cable between them: the server's has 192.0.2.1 and 2001:db8::1, the machine's 192.0.2.2 and 2001:db8::2. They are
/// removed with everything in them.
/// </summary>
internal sealed class NamespacePair : IAsyncDisposable
{
    private static int s_number;
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"fleethold-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}");

    private NamespacePair()
    {
    }

    /// <summary>The name of the server's namespace.</summary>
    public string Server => _prefix + "-server";

    /// <summary>The name of the machine's namespace.</summary>
    public string Machine => _prefix + "-machine";

    /// <summary>Why no namespace can be made here; null when one can.</summary>
    public static string? Obstacle => !Environment.IsPrivilegedProcess ? "needs root, for network namespaces"
        : !File.Exists("/dev/net/tun") ? "needs /dev/net/tun"
        : !Shell.Has("ip") ? "needs the program ip (Debian package iproute2)" : null;

    /// <summary>Makes them.</summary>
    public static async Task<NamespacePair> Create()
    {
        var pair = new NamespacePair();
        try
        {
            foreach (var name in (string[])[pair.Server, pair.Machine])
            {
                await Shell.Run("ip", "netns", "add", name);
                await Shell.Run("ip", "-n", name, "link", "set", "lo", "up");
            }

            await Shell.Run("ip", "-n", pair.Server, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", pair.Machine);
            foreach (var (name, number) in ((string, string)[])[(pair.Server, "1"), (pair.Machine, "2")])
            {
                await Shell.Run("ip", "-n", name, "link", "set", "cable", "up");
                await Shell.Run("ip", "-n", name, "address", "add", $"192.0.2.{number}/24", "dev", "cable");
                await Shell.Run("ip", "-n", name, "address", "add", $"2001:db8::{number}/64", "dev", "cable", "nodad");
            }

            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Shell.Try("ip", "netns", "delete", Machine);
        await Shell.Try("ip", "netns", "delete", Server);
    }
}
