using System.Buffers;
using Fleethold.Runtime;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Server.Api;

/// <summary>
/// The answer of Get, List, Create and Update: the same message under four names, one field 1 with the resource. The resource is already encoded.
/// </summary>
/// <param name="resource">An encoded <c>cosi.resource.Resource</c>.</param>
internal sealed class ResourceReply(ReadOnlyMemory<byte> resource)
{
    /// <summary>The encoded resource.</summary>
    public ReadOnlyMemory<byte> Resource { get; } = resource;

    /// <summary>The size of the message in bytes.</summary>
    public int Size { get; } = WireWriter.FieldSize(resource.Length);
}

/// <summary>One message of a watch; without events it says that the watch has begun (reference/resources.md 2.7).</summary>
/// <param name="events">The events, in order.</param>
internal sealed class WatchReply(params IReadOnlyList<EncodedEvent> events)
{
    /// <summary>The first message.</summary>
    public static WatchReply Ready { get; } = new();

    /// <summary>The events, in order.</summary>
    public IReadOnlyList<EncodedEvent> Events { get; } = events;

    /// <summary>The size of the message in bytes.</summary>
    public int Size
    {
        get
        {
            var size = 0;
            foreach (var one in Events)
            {
                size += WireWriter.FieldSize(one.Size);
            }

            return size;
        }
    }
}

/// <summary>An event whose resources are already encoded.</summary>
internal readonly record struct EncodedEvent(
    EventType Type, ReadOnlyMemory<byte> Resource, ReadOnlyMemory<byte> Old, ReadOnlyMemory<byte> Bookmark, string? Error)
{
    /// <summary>The size of <c>cosi.resource.Event</c> in bytes.</summary>
    public int Size =>
        WireWriter.FieldSize(Resource.Length)
        + (Type == 0 ? 0 : 2)
        + (Old.IsEmpty ? 0 : WireWriter.FieldSize(Old.Length))
        + (Error is null ? 0 : WireWriter.FieldSize(System.Text.Encoding.UTF8.GetByteCount(Error)))
        + (Bookmark.IsEmpty ? 0 : WireWriter.FieldSize(Bookmark.Length));
}

/// <summary>Writes replies straight into the transport's buffers.</summary>
internal static class Replies
{
    /// <summary>For the four answers that carry one resource.</summary>
    public static Marshaller<ResourceReply> Resource { get; } = new(
        (reply, context) =>
        {
            context.SetPayloadLength(reply.Size);
            var writer = new WireWriter(context.GetBufferWriter());
            writer.Bytes(1, reply.Resource.Span);
            context.Complete();
        },
        NotRead<ResourceReply>);

    /// <summary>For the messages of a watch.</summary>
    public static Marshaller<WatchReply> Watch { get; } = new(
        (reply, context) =>
        {
            context.SetPayloadLength(reply.Size);
            var writer = new WireWriter(context.GetBufferWriter());
            foreach (var one in reply.Events)
            {
                Write(ref writer, one);
            }

            context.Complete();
        },
        NotRead<WatchReply>);

    /// <summary>For answers without a resource.</summary>
    public static Marshaller<T> Message<T>()
        where T : IMessage<T> => new(
        (reply, context) =>
        {
            context.SetPayloadLength(reply.CalculateSize());
            reply.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        NotRead<T>);

    private static void Write(ref WireWriter writer, in EncodedEvent one)
    {
        writer.Header(1, one.Size);
        writer.Bytes(1, one.Resource.Span);
        if (one.Type != 0)
        {
            writer.SmallNumber(2, (byte)one.Type);
        }

        if (!one.Old.IsEmpty)
        {
            writer.Bytes(3, one.Old.Span);
        }

        if (one.Error is not null)
        {
            writer.Bytes(4, System.Text.Encoding.UTF8.GetBytes(one.Error));
        }

        if (!one.Bookmark.IsEmpty)
        {
            writer.Bytes(5, one.Bookmark.Span);
        }
    }

    private static T NotRead<T>(DeserializationContext context) => throw new NotSupportedException("replies are only written");
}

/// <summary>Writes the few protobuf forms that replies consist of, with field numbers below 16.</summary>
internal readonly ref struct WireWriter(IBufferWriter<byte> output)
{
    private const int LengthDelimited = 2;

    /// <summary>The size of a field that holds so many bytes.</summary>
    public static int FieldSize(int length) => 1 + CodedOutputStream.ComputeLengthSize(length) + length;

    /// <summary>A field of bytes, text or an encoded message.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Header(field, value.Length);
        output.Write(value);
    }

    /// <summary>The beginning of a field whose content of this length follows.</summary>
    public void Header(int field, int length)
    {
        var span = output.GetSpan(6);
        span[0] = (byte)((field << 3) | LengthDelimited);
        var used = 1;
        for (var rest = (uint)length; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                span[used++] = (byte)rest;
                break;
            }

            span[used++] = (byte)(rest | 0x80);
        }

        output.Advance(used);
    }

    /// <summary>A number below 128.</summary>
    public void SmallNumber(int field, byte value)
    {
        var span = output.GetSpan(2);
        span[0] = (byte)(field << 3);
        span[1] = value;
        output.Advance(2);
    }
}
