using System.Globalization;
using System.Net;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Simulator.Provisioning;

/// <summary>The answer to a provisioning call, read as Talos reads it (reference/siderolink.md 1.2).</summary>
/// <param name="Endpoints">The endpoints of the server in the order in which they are tried, host and port each.</param>
/// <param name="Server">The public key of the server.</param>
/// <param name="Address">The machine's address inside the tunnel.</param>
/// <param name="ServerAddress">The server's address inside the tunnel.</param>
/// <param name="VirtualAddress">What names the machine's gRPC tunnel, exactly as it was sent; null over UDP.</param>
internal sealed record ProvisionAnswer(
    IReadOnlyList<DnsEndPoint> Endpoints, PublicKey Server, IPAddress Address, IPAddress ServerAddress, string? VirtualAddress)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">A field isn't what a machine can use; the text names it.</exception>
    public static ProvisionAnswer Read(ProvisionResponse response)
    {
        var endpoints = response.ServerEndpoint.Select(ReadEndpoint).ToArray();
        if (endpoints.Length == 0)
        {
            throw new FormatException("the answer has no server_endpoint");
        }

        // The first and the last are swapped on the wire.
        (endpoints[0], endpoints[^1]) = (endpoints[^1], endpoints[0]);
        var prefix = response.NodeAddressPrefix;
        var slash = prefix.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(prefix.AsSpan(0, slash), out var address))
        {
            throw new FormatException($"node_address_prefix '{prefix}' is not an address with a prefix length");
        }

        if (!IPAddress.TryParse(response.ServerAddress, out var server))
        {
            throw new FormatException($"server_address '{response.ServerAddress}' is not an address");
        }

        if (!PublicKey.TryParse(response.ServerPublicKey, out var key))
        {
            throw new FormatException("server_public_key is not a WireGuard public key");
        }

        return new(endpoints, key, address, server, response.GrpcPeerAddrPort is { Length: > 0 } tunnel ? tunnel : null);
    }

    private static DnsEndPoint ReadEndpoint(string text)
    {
        var at = text.LastIndexOf(':');
        if (at <= 0 || !ushort.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            throw new FormatException($"server_endpoint '{text}' is not host:port");
        }

        return new(text[..at].Trim('[', ']'), port);
    }
}
