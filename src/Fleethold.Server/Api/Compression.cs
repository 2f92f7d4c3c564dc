using Fleethold.Server.Access;
using Grpc.Core;

namespace Fleethold.Server.Api;

/// <summary>
/// Which answers are compressed, among those whose client takes gzip: large ones, when they go over a network or the client compresses as well.
/// Programs on this machine would only pay for it twice.
/// </summary>
internal readonly struct Compression
{
    private const int WorthIt = 1024;

    private static readonly WriteOptions Plain = new(WriteFlags.NoCompress);
    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);
    private static readonly WriteOptions PlainBuffered = new(WriteFlags.NoCompress | WriteFlags.BufferHint);

    private readonly bool _on;

    private Compression(bool on) => _on = on;

    /// <summary>What holds for the answers of one call.</summary>
    public static Compression Of(ServerCallContext call)
    {
        var http = call.GetHttpContext();
        return new Compression(http.Features.Get<DoorFeature>()?.Door is null or Door.Public || http.Request.Headers["grpc-encoding"] == "gzip");
    }

    /// <summary>How a message of this size is written.</summary>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="buffered">True when more follows at once.</param>
    public WriteOptions For(int size, bool buffered = false) => (_on && size >= WorthIt, buffered) switch
    {
        (true, true) => Buffered,
        (true, false) => WriteOptions.Default,
        (false, true) => PlainBuffered,
        (false, false) => Plain,
    };
}
