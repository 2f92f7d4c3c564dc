using System.Buffers.Binary;

namespace Fleethold.SideroLink.Wire;

/// <summary>The four WireGuard messages (reference/wireguard.md 1.2).</summary>
internal enum MessageType
{
    /// <summary>None of them.</summary>
    None,

    /// <summary>Asks for a session.</summary>
    Initiation,

    /// <summary>Grants a session.</summary>
    Response,

    /// <summary>Refuses under load, and says how to prove an address.</summary>
    CookieReply,

    /// <summary>Carries a packet.</summary>
    Transport,
}

/// <summary>What the messages have in common.</summary>
internal static class Message
{
    /// <summary>Bytes of an AEAD tag.</summary>
    public const int TagLength = 16;

    /// <summary>Bytes of <c>mac1</c>, of <c>mac2</c> and of a cookie.</summary>
    public const int MacLength = 16;

    /// <summary>Which message this is, by its first four bytes as one number (so that reserved bytes count) and its length.</summary>
    public static MessageType TypeOf(ReadOnlySpan<byte> message) =>
        message.Length < 4 ? MessageType.None : (BinaryPrimitives.ReadUInt32LittleEndian(message), message.Length) switch
        {
            (1, InitiationMessage.Length) => MessageType.Initiation,
            (2, ResponseMessage.Length) => MessageType.Response,
            (3, CookieReplyMessage.Length) => MessageType.CookieReply,
            (4, >= TransportMessage.HeaderLength + TagLength) => MessageType.Transport,
            _ => MessageType.None,
        };

    /// <summary>The part that <c>mac1</c> of an initiation or response covers.</summary>
    public static Span<byte> BeforeMac1(Span<byte> message) => message[..^(2 * MacLength)];

    /// <summary><c>mac1</c> of an initiation or response.</summary>
    public static Span<byte> Mac1(Span<byte> message) => message[^(2 * MacLength)..^MacLength];

    /// <summary>The part that <c>mac2</c> covers.</summary>
    public static Span<byte> BeforeMac2(Span<byte> message) => message[..^MacLength];

    /// <summary><c>mac2</c> of an initiation or response.</summary>
    public static Span<byte> Mac2(Span<byte> message) => message[^MacLength..];
}

/// <summary>A view of an initiation.</summary>
internal readonly ref struct InitiationMessage(Span<byte> bytes)
{
    public const int Length = 148;

    private readonly Span<byte> _bytes = bytes;

    public uint Sender => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);

    public Span<byte> Ephemeral => _bytes.Slice(8, PublicKey.Length);

    /// <summary>The sender's static key, sealed.</summary>
    public Span<byte> Static => _bytes.Slice(40, PublicKey.Length + Message.TagLength);

    /// <summary>The timestamp, sealed.</summary>
    public Span<byte> Timestamp => _bytes.Slice(88, Tai64n.Length + Message.TagLength);

    /// <summary>Writes type and index.</summary>
    public void WriteHeader(uint sender)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes[4..], sender);
    }
}

/// <summary>A view of a response.</summary>
internal readonly ref struct ResponseMessage(Span<byte> bytes)
{
    public const int Length = 92;

    private readonly Span<byte> _bytes = bytes;

    public uint Sender => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);

    public uint Receiver => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[8..]);

    public Span<byte> Ephemeral => _bytes.Slice(12, PublicKey.Length);

    /// <summary>Nothing, sealed.</summary>
    public Span<byte> Empty => _bytes.Slice(44, Message.TagLength);

    /// <summary>Writes type and indices.</summary>
    public void WriteHeader(uint sender, uint receiver)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes, 2);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes[4..], sender);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes[8..], receiver);
    }
}

/// <summary>A view of a cookie reply.</summary>
internal readonly ref struct CookieReplyMessage(Span<byte> bytes)
{
    public const int Length = 64;

    private readonly Span<byte> _bytes = bytes;

    /// <summary>The sender index of the message that was refused.</summary>
    public uint Receiver => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);

    public Span<byte> Nonce => _bytes.Slice(8, 24);

    /// <summary>The cookie, sealed.</summary>
    public Span<byte> Cookie => _bytes.Slice(32, Message.MacLength + Message.TagLength);

    /// <summary>Writes type and index.</summary>
    public void WriteHeader(uint receiver)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes, 3);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes[4..], receiver);
    }
}

/// <summary>A view of a transport message.</summary>
internal readonly ref struct TransportMessage(Span<byte> bytes)
{
    public const int HeaderLength = 16;

    private readonly Span<byte> _bytes = bytes;

    public uint Receiver => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[4..]);

    public ulong Counter => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[8..]);

    /// <summary>The padded packet and its tag.</summary>
    public Span<byte> Sealed => _bytes[HeaderLength..];

    /// <summary>Writes type, index and counter.</summary>
    public void WriteHeader(uint receiver, ulong counter)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes[4..], receiver);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes[8..], counter);
    }
}
