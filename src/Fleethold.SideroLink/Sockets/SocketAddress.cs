using System.Buffers.Binary;
using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Sockets;

/// <summary>Socket addresses as the kernel writes them: <c>sockaddr_in</c> (16 bytes) and <c>sockaddr_in6</c> (28).</summary>
internal static class SocketAddress
{
    /// <summary>Bytes that hold either.</summary>
    public const int MaxLength = 28;

    private const int V4Length = 16;
    private static readonly UInt128 s_mappedPrefix = new(0, 0xffff_0000_0000);

    /// <summary>Whether an endpoint is reached over IPv4.</summary>
    public static bool IsV4(in PeerEndpoint endpoint) => endpoint.Address >> 32 == s_mappedPrefix >> 32;

    /// <summary>Writes an address.</summary>
    /// <returns>Its length in bytes.</returns>
    public static int Write(in PeerEndpoint endpoint, Span<byte> to)
    {
        if (IsV4(endpoint))
        {
            to[..V4Length].Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(to, Libc.AF_INET);
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], endpoint.Port);
            BinaryPrimitives.WriteUInt32BigEndian(to[4..], (uint)endpoint.Address);
            return V4Length;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(to, Libc.AF_INET6);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], endpoint.Port);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], 0);
        BinaryPrimitives.WriteUInt128BigEndian(to[8..], endpoint.Address);
        BinaryPrimitives.WriteUInt32LittleEndian(to[24..], endpoint.Scope);
        return MaxLength;
    }

    /// <summary>Reads an address; <see cref="PeerEndpoint.None"/> when it is of neither family.</summary>
    public static PeerEndpoint Read(ReadOnlySpan<byte> from) =>
        from.Length >= V4Length && BinaryPrimitives.ReadUInt16LittleEndian(from) == Libc.AF_INET
            ? new(s_mappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(from[4..]), BinaryPrimitives.ReadUInt16BigEndian(from[2..]), 0, EndpointKind.Udp)
            : from.Length >= MaxLength && BinaryPrimitives.ReadUInt16LittleEndian(from) == Libc.AF_INET6
                ? new(
                    BinaryPrimitives.ReadUInt128BigEndian(from[8..]),
                    BinaryPrimitives.ReadUInt16BigEndian(from[2..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(from[24..]),
                    EndpointKind.Udp)
                : PeerEndpoint.None;
}
