using System.Globalization;

namespace Fleethold.Simulator.Machines;

/// <summary>What a simulated machine is made of. It never changes.</summary>
/// <param name="Uuid">The SMBIOS system UUID, as it is sent: lower case with dashes.</param>
/// <param name="LinkAddresses">The permanent hardware addresses of its physical links, 6 bytes each; their hash is the machine's fingerprint.</param>
/// <param name="TalosVersion">The version tag it reports, as in <c>v1.13.8</c>; null for one too old to say.</param>
/// <param name="IsInstalled">True when a disk holds Talos, so that META survives a reboot; false when it runs from memory.</param>
internal sealed record MachineHardware(string Uuid, IReadOnlyList<byte[]> LinkAddresses, string? TalosVersion, bool IsInstalled)
{
    /// <summary>Makes one from a seed: a random UUID and one network card with a locally administered address.</summary>
    public static MachineHardware Make(Random random, string? talosVersion, bool isInstalled)
    {
        Span<byte> uuid = stackalloc byte[16];
        random.NextBytes(uuid);
        uuid[6] = (byte)((uuid[6] & 0x0F) | 0x40);
        uuid[8] = (byte)((uuid[8] & 0x3F) | 0x80);
        var address = new byte[6];
        random.NextBytes(address);
        address[0] = (byte)((address[0] & 0xFC) | 0x02);
        return new(new Guid(uuid, bigEndian: true).ToString("D", CultureInfo.InvariantCulture), [address], talosVersion, isInstalled);
    }
}
