using System.Diagnostics;
using System.Globalization;

namespace Fleethold.Interop.Topology;

/// <summary>Debian's wireguard-go in a namespace, set up by <c>wg</c>. It ends with this.</summary>
internal sealed class WireGuardGo : IAsyncDisposable
{
    private static int s_number;
    private readonly Process _process;
    private readonly string _name;
    private bool _ended;

    private WireGuardGo(string name, string device, Process process)
    {
        _name = name;
        Device = device;
        _process = process;
    }

    /// <summary>Its device.</summary>
    public string Device { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Why it can't be used here; null when it can.</summary>
    public static string? Obstacle => NamespacePair.Obstacle
        ?? (!Shell.Has("wireguard-go") ? "needs wireguard-go (Debian package wireguard-go)"
        : !Shell.Has("wg") ? "needs wg (Debian package wireguard-tools)" : null);

    /// <summary>Makes a private key and its public key.</summary>
    public static async Task<(string Private, string Public)> NewKey()
    {
        var key = (await Shell.Run("wg", "genkey")).Trim();
        return (key, await PublicOf(key));
    }

    /// <summary>Starts it with a key, a port and an address inside; peers are added by <see cref="Set"/>.</summary>
    public static async Task<WireGuardGo> Start(string name, string privateKey, int port, string address)
    {
        var device = string.Create(CultureInfo.InvariantCulture, $"wg{Environment.ProcessId}x{Interlocked.Increment(ref s_number)}");
        var start = new ProcessStartInfo("ip") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["netns", "exec", name, "wireguard-go", "-f", device])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var peer = new WireGuardGo(name, device, process);
        try
        {
            await Shell.Until($"{device} answers", async () => (await Shell.Try("ip", "netns", "exec", name, "wg", "show", device)).Code == 0);
            var file = Path.GetTempFileName();
            try
            {
                await File.WriteAllTextAsync(file, privateKey);
                await peer.Set("private-key", file, "listen-port", port.ToString(CultureInfo.InvariantCulture));
            }
            finally
            {
                File.Delete(file);
            }

            await Shell.Run("ip", "-n", name, "link", "set", device, "mtu", "1280", "up");
            await Shell.Run("ip", "-n", name, "address", "add", address, "dev", device, "nodad");
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Changes it as <c>wg set</c> does.</summary>
    public Task Set(params string[] words) => Shell.In(_name, "wg", ["set", Device, .. words]);

    /// <summary>Tells it of its peer.</summary>
    public Task SetPeer(string key, string allowed, string? endpoint, int keepalive) => Set(
        ["peer", key, "allowed-ips", allowed, "persistent-keepalive", keepalive.ToString(CultureInfo.InvariantCulture), .. endpoint is null ? Array.Empty<string>() : ["endpoint", endpoint]]);

    /// <summary>A column of <c>wg show</c> for its only peer, as in <c>latest-handshakes</c>.</summary>
    public async Task<string> Show(string what) => (await Shell.In(_name, "wg", "show", Device, what)).Trim().Split('\t')[^1];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        File.Delete($"/var/run/wireguard/{Device}.sock");
    }

    private static async Task<string> PublicOf(string key)
    {
        var start = new ProcessStartInfo("wg") { ArgumentList = { "pubkey" }, RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(key);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }
}
