using System.Buffers.Binary;
using System.Text;

namespace Fleethold.Simulator.Events;

/// <summary>The few parts of HTTP/2 (RFC 9113) and gRPC that a client needs which makes unary calls only and must be lean.</summary>
internal static class Http2
{
    /// <summary>Bytes before the payload of a frame.</summary>
    public const int HeaderLength = 9;

    /// <summary>Bytes before a gRPC message: a flag and its length.</summary>
    public const int GrpcPrefix = 5;

    /// <summary>The bytes that a connection or stream may send before anything is granted.</summary>
    public const int FirstWindow = 65_535;

    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;

    /// <summary>Flag of data and headers: the stream ends.</summary>
    public const byte EndStream = 1;

    /// <summary>Flag of settings and pings: the answer to one.</summary>
    public const byte Acknowledged = 1;

    /// <summary>Flag of headers: nothing of them follows.</summary>
    public const byte EndHeaders = 4;

    /// <summary>What a client sends first; settings follow.</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Writes the header of a frame.</summary>
    public static void WriteHeader(Span<byte> to, int length, byte type, byte flags, uint stream)
    {
        to[0] = (byte)(length >> 16);
        to[1] = (byte)(length >> 8);
        to[2] = (byte)length;
        to[3] = type;
        to[4] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(to[5..], stream);
    }

    /// <summary>Reads the header of a frame.</summary>
    public static (int Length, byte Type, byte Flags, uint Stream) ReadHeader(ReadOnlySpan<byte> from) => (
        (from[0] << 16) | (from[1] << 8) | from[2],
        from[3],
        from[4],
        BinaryPrimitives.ReadUInt32BigEndian(from[5..]) & 0x7FFF_FFFF);

    /// <summary>The headers of a call. Method and scheme come from the static table; the rest are literals that aren't indexed, so no table is kept.</summary>
    /// <param name="method">The full gRPC method; it and the authority have at most 126 characters of ASCII.</param>
    /// <param name="authority">Whom the call is for.</param>
    public static byte[] CallHeaders(string method, string authority)
    {
        var block = new List<byte> { 0x83, 0x86 };
        Literal(block, [4], method);
        Literal(block, [1], authority);
        Literal(block, [0x0F, 31 - 15], "application/grpc");
        block.Add(0);
        Text(block, "te");
        Text(block, "trailers");
        return [.. block];
    }

    private static void Literal(List<byte> to, ReadOnlySpan<byte> name, string value)
    {
        to.AddRange(name);
        Text(to, value);
    }

    private static void Text(List<byte> to, string text)
    {
        to.Add((byte)text.Length);
        to.AddRange(Encoding.ASCII.GetBytes(text));
    }
}
