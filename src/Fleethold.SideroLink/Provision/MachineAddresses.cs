using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Provision;

/// <summary>
/// The addresses of machines in their text forms (reference/siderolink.md 3). They are compared as texts everywhere, so there is one canonical form:
/// lower case, the longest run of zeros left out (RFC 5952).
/// </summary>
public static class MachineAddresses
{
    /// <summary>Random bytes of an address, after the 8 of its network.</summary>
    public const int HostBytes = 8;

    /// <summary>Bits of the network in the stored form.</summary>
    public const int NetworkBits = 64;

    private const int SideroLinkPurpose = 0x03;

    /// <summary>The network of an installation. All use the empty id, and so the same network.</summary>
    /// <param name="installationId">The id.</param>
    public static IPNetwork NetworkOf(string installationId)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(installationId));
        var address = new byte[16];
        hash.AsSpan(16, 8).CopyTo(address);
        (address[0], address[7]) = (0xfd, SideroLinkPurpose);
        return new IPNetwork(new IPAddress(address), NetworkBits);
    }

    /// <summary>The server in a network: its first address.</summary>
    public static IPAddress ServerIn(IPNetwork network) => Join(network, [0, 0, 0, 0, 0, 0, 0, 1]);

    /// <summary>A new random address for a machine: never the server's, never the network's own, and none that is taken.</summary>
    /// <param name="isTaken">Whether somebody has an address.</param>
    public static IPAddress NewMachine(Func<IPAddress, bool> isTaken) => New(TunnelAddresses.Machines, isTaken);

    /// <summary>A new random virtual address with its port, for a machine that comes over gRPC.</summary>
    /// <param name="isTaken">Whether somebody has an address.</param>
    public static IPEndPoint NewVirtual(Func<IPAddress, bool> isTaken) => new(New(TunnelAddresses.Virtual, isTaken), TunnelAddresses.VirtualPort);

    /// <summary>An address of a network.</summary>
    /// <param name="network">The network; its first 64 bits count.</param>
    /// <param name="host">The other 8 bytes.</param>
    public static IPAddress Join(IPNetwork network, ReadOnlySpan<byte> host)
    {
        var address = network.BaseAddress.GetAddressBytes();
        host[..HostBytes].CopyTo(address.AsSpan(HostBytes));
        return new IPAddress(address);
    }

    /// <summary>The form that is stored and sent to the machine, <c>address/64</c>.</summary>
    public static string Stored(IPAddress address) => $"{Text(address)}/{NetworkBits}";

    /// <summary>The form of a WireGuard peer, <c>address/128</c>.</summary>
    public static string AllowedIp(IPAddress address) => $"{Text(address)}/128";

    /// <summary>The canonical text of an address.</summary>
    public static string Text(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address.ToString();
        }

        // The platform writes the end of some addresses as IPv4 (those with 0:5efe before it, for example), which is no canonical form.
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        Span<int> groups = stackalloc int[8];
        for (var i = 0; i < groups.Length; i++)
        {
            groups[i] = (bytes[2 * i] << 8) | bytes[(2 * i) + 1];
        }

        var (start, length) = LongestZeros(groups);
        var text = new StringBuilder(39);
        for (var i = 0; i < groups.Length; i++)
        {
            if (i == start)
            {
                text.Append("::");
                i += length - 1;
                continue;
            }

            if (text.Length > 0 && text[^1] != ':')
            {
                text.Append(':');
            }

            text.Append(CultureInfo.InvariantCulture, $"{groups[i]:x}");
        }

        return text.ToString();
    }

    /// <summary>The canonical text of an address with a port.</summary>
    public static string Text(IPEndPoint endpoint) => endpoint.AddressFamily == AddressFamily.InterNetworkV6
        ? string.Create(CultureInfo.InvariantCulture, $"[{Text(endpoint.Address)}]:{endpoint.Port}")
        : endpoint.ToString();

    /// <summary>Reads <c>address/bits</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The whole address, with the bits that follow the network.</param>
    /// <param name="bits">The length of its network.</param>
    public static bool TryParseStored(string text, [NotNullWhen(true)] out IPAddress? address, out int bits)
    {
        (address, bits) = (null, 0);
        var slash = text.LastIndexOf('/');
        if (slash < 0 || !TryParseAddress(text.AsSpan(0, slash), out var parsed) || !TryParseNumber(text.AsSpan(slash + 1), out bits)
            || bits > (parsed.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32))
        {
            return false;
        }

        address = parsed;
        return true;
    }

    /// <summary>Reads <c>[address]:port</c>, or <c>address:port</c> for IPv4.</summary>
    public static bool TryParseEndpoint(string text, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !TryParseNumber(text.AsSpan(colon + 1), out var port) || port > ushort.MaxValue)
        {
            return false;
        }

        var host = text.AsSpan(0, colon);
        var isBracketed = host[0] == '[' && host[^1] == ']';
        if (!TryParseAddress(isBracketed ? host[1..^1] : host, out var address) || isBracketed != (address.AddressFamily == AddressFamily.InterNetworkV6))
        {
            return false;
        }

        endpoint = new IPEndPoint(address, port);
        return true;
    }

    /// <summary>Whether an endpoint stands for a machine that comes over gRPC.</summary>
    public static bool IsVirtual(IPEndPoint endpoint) => TunnelAddresses.Virtual.Contains(endpoint.Address);

    private static IPAddress New(IPNetwork network, Func<IPAddress, bool> isTaken)
    {
        Span<byte> host = stackalloc byte[HostBytes];
        while (true)
        {
            RandomNumberGenerator.Fill(host);
            var address = Join(network, host);

            // The first two addresses are the network's and the server's.
            if (host.IndexOfAnyExcept((byte)0) is >= 0 and < HostBytes - 1 && !isTaken(address))
            {
                return address;
            }
        }
    }

    private static (int Start, int Length) LongestZeros(ReadOnlySpan<int> groups)
    {
        var best = (Start: -1, Length: 1);
        for (var i = 0; i < groups.Length; i++)
        {
            var end = i;
            while (end < groups.Length && groups[end] == 0)
            {
                end++;
            }

            if (end - i > best.Length)
            {
                best = (i, end - i);
            }

            i = end;
        }

        return best;
    }

    // The platform reads more than addresses: zones, brackets, single numbers, octal parts.
    private static bool TryParseAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length is 0 or > 45 || text.ContainsAnyExcept("0123456789abcdefABCDEF:.") || (!text.Contains(':') && text.Count('.') != 3))
        {
            return false;
        }

        return IPAddress.TryParse(text, out address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString().AsSpan().SequenceEqual(text));
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && (text.Length == 1 || text[0] != '0');
}
