using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Server.Api;

/// <summary>Reads requests: bounded, and what can't be read is the caller's fault.</summary>
internal static class Requests
{
    /// <summary>The most that one message may hold, as upstream has it (reference/api-auth.md 1.2).</summary>
    public const int MaxMessage = 32 * 1024 * 1024;

    /// <summary>The most that a request may hold which carries no resource: names and queries.</summary>
    public const int MaxQuery = 1024 * 1024;

    /// <summary>What ends the call of somebody who sent what can't be read.</summary>
    public static RpcException Malformed(string why) => new(new Status(StatusCode.InvalidArgument, $"the request can't be decoded: {why}"));

    /// <summary>A marshaller that only reads.</summary>
    public static Marshaller<T> Read<T>(MessageParser<T> parser, int limit)
        where T : IMessage<T>
    {
        var strict = parser.WithDiscardUnknownFields(true);
        return new Marshaller<T>(
            (_, _) => throw new NotSupportedException("requests are only read"),
            context =>
            {
                if (context.PayloadLength > limit)
                {
                    throw new RpcException(new Status(StatusCode.ResourceExhausted, $"the request is larger than {limit} bytes"));
                }

                try
                {
                    return strict.ParseFrom(context.PayloadAsReadOnlySequence());
                }
                catch (InvalidProtocolBufferException malformed)
                {
                    throw Malformed(malformed.Message);
                }
            });
    }
}
