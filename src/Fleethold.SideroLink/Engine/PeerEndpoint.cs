using System.Net;

namespace Fleethold.SideroLink.Engine;

/// <summary>Where datagrams of a peer come from and go to: a UDP address, or a gRPC tunnel. Each may roam into the other (reference/wireguard.md 2, fact 16).</summary>
/// <param name="Address">The IPv6 address in host order, or an IPv4 one mapped into <c>::ffff:0:0/96</c>; of a tunnel its virtual address.</param>
/// <param name="Port">The port; of a tunnel its virtual port.</param>
/// <param name="Scope">The scope id of a link-local address, else 0.</param>
/// <param name="Kind">How it is reached; <see cref="EndpointKind.None"/> when it isn't known yet.</param>
public readonly record struct PeerEndpoint(UInt128 Address, ushort Port, uint Scope, EndpointKind Kind)
{
    /// <summary>Not known.</summary>
    public static PeerEndpoint None => default;

    /// <summary>A UDP address.</summary>
    public static PeerEndpoint Udp(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        var scope = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? (uint)address.ScopeId : 0;
        return new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes), (ushort)port, scope, EndpointKind.Udp);
    }

    /// <summary>A gRPC tunnel, by its virtual address and port.</summary>
    public static PeerEndpoint Tunnel(IPAddress address, int port) => Udp(address, port) with { Kind = EndpointKind.Tunnel };

    /// <summary>The address, an IPv4 one as such.</summary>
    public IPAddress ToAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, Address);
        var address = new IPAddress(bytes, Scope);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>The form that is stored and shown, as in <c>192.0.2.1:51820</c> or <c>[2001:db8::1]:51820</c>; empty when not known.</summary>
    public override string ToString() => Kind == EndpointKind.None ? "" : new IPEndPoint(ToAddress(), Port).ToString();
}

/// <summary>How a peer is reached.</summary>
public enum EndpointKind : byte
{
    /// <summary>Not known yet.</summary>
    None,

    /// <summary>Over UDP.</summary>
    Udp,

    /// <summary>Over a gRPC stream.</summary>
    Tunnel,
}
