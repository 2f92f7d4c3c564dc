using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Tunnel;

/// <summary>The metadata by which a stream says whose it is: the text of <c>grpc_peer_addr_port</c> (reference/siderolink.md 5).</summary>
public static class TunnelHeader
{
    /// <summary>Its name.</summary>
    public const string Name = "x-siderolink-ipv6-addr";

    /// <summary>The longest text that is read: an IPv6 address in brackets and a port.</summary>
    private const int Longest = 64;

    /// <summary>Reads <c>[address]:port</c>, or <c>a.b.c.d:port</c>, in which no machine is.</summary>
    public static bool TryParse(string text, out PeerEndpoint endpoint)
    {
        endpoint = PeerEndpoint.None;
        var colon = text.LastIndexOf(':');
        if (colon < 1 || text.Length > Longest || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var isBracketed = text[0] == '[' && text[colon - 1] == ']';
        var host = isBracketed ? text.AsSpan(1, colon - 2) : text.AsSpan(0, colon);
        if (host.Contains('%') || !IPAddress.TryParse(host, out var address)
            || isBracketed != (address.AddressFamily == AddressFamily.InterNetworkV6)
            || (!isBracketed && host.Count('.') != 3))
        {
            return false;
        }

        endpoint = PeerEndpoint.Tunnel(address, port);
        return true;
    }
}
