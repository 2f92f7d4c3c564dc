using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Fleethold.Bench.Measuring;

/// <summary>
/// Makes another .NET process collect all garbage: an event session with the heap-collect keyword, opened at the diagnostic socket that
/// every .NET process has, starts with a full blocking collection. The process needs no door of its own for it.
/// </summary>
internal static class ForcedCollection
{
    private const ulong GcKeyword = 0x1;
    private const ulong HeapCollectKeyword = 0x800000;
    private const int HeaderLength = 20;

    /// <summary>Returns once the collection is over.</summary>
    /// <exception cref="IOException">The process has no diagnostic socket or refused the session.</exception>
    public static async Task Run(int process, CancellationToken cancellation)
    {
        var socketPath = Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{process}-*-socket").FirstOrDefault()
            ?? throw new IOException($"process {process} has no diagnostic socket in {Path.GetTempPath()}");
        using var session = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await session.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
        await using var stream = new NetworkStream(session);
        await stream.WriteAsync(StartRequest(), cancellation);

        var header = new byte[HeaderLength];
        await stream.ReadExactlyAsync(header, cancellation);
        // Command set 0xFF, command 0 is success; the 8 bytes after the header are the session's number.
        if (header[16] != 0xFF || header[17] != 0)
        {
            throw new IOException($"process {process} refused the event session that forces a collection");
        }

        var sessionId = new byte[8];
        await stream.ReadExactlyAsync(sessionId, cancellation);
        // The collection runs while the provider is enabled, before the answer is sent. Stopping ends the stream of events.
        using var stopping = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await stopping.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
        await using var stop = new NetworkStream(stopping);
        await stop.WriteAsync(Request(command: 1, sessionId), cancellation);
        var drained = new byte[64 * 1024];
        while (await stream.ReadAsync(drained, cancellation) > 0)
        {
        }
    }

    private static byte[] StartRequest()
    {
        var payload = new List<byte>();
        Append(payload, 16u);
        Append(payload, 1u);
        Append(payload, 1u);
        Span<byte> keywords = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(keywords, GcKeyword | HeapCollectKeyword);
        payload.AddRange(keywords);
        Append(payload, 4u);
        AppendText(payload, "Microsoft-Windows-DotNETRuntime");
        AppendText(payload, "");
        return Request(command: 2, [.. payload]);
    }

    private static byte[] Request(byte command, byte[] payload)
    {
        const byte eventPipe = 2;
        var request = new byte[HeaderLength + payload.Length];
        Encoding.ASCII.GetBytes("DOTNET_IPC_V1\0", request);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(14), (ushort)request.Length);
        request[16] = eventPipe;
        request[17] = command;
        payload.CopyTo(request, HeaderLength);
        return request;
    }

    private static void Append(List<byte> payload, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        payload.AddRange(bytes);
    }

    // UTF-16 with its length in characters before it and a closing zero, both counted.
    private static void AppendText(List<byte> payload, string text)
    {
        Append(payload, (uint)text.Length + 1);
        payload.AddRange(Encoding.Unicode.GetBytes(text + "\0"));
    }
}
