using System.IO.Compression;
using System.Text.Json;
using Fleethold.Testing;
using Grpc.Core;

namespace Fleethold.Compatibility;

/// <summary>One call of a recorded session: a line of <c>transcripts/api.jsonl</c>.</summary>
internal sealed class RecordedCall
{
    private RecordedCall(int line, JsonElement recorded)
    {
        Line = line;
        Path = recorded.GetProperty("path").GetString()!;
        var messages = recorded.GetProperty("messages").EnumerateArray().ToList();
        Requests = [.. messages.Where(message => message.GetProperty("dir").GetString() == "request").Select(Bytes)];
        Responses = [.. messages.Where(message => message.GetProperty("dir").GetString() == "response").Select(Bytes)];
        ForTalos = Headers(recorded).Contains("runtime=Talos");
        if (recorded.TryGetProperty("trailers", out var trailers) && trailers.ValueKind == JsonValueKind.Object)
        {
            Status = First(trailers, "Grpc-Status") is { } code ? (StatusCode)int.Parse(code, System.Globalization.CultureInfo.InvariantCulture) : null;
            Message = Uri.UnescapeDataString(First(trailers, "Grpc-Message") ?? "");
        }
        else if (recorded.TryGetProperty("responseHeaders", out var headers) && First(headers, "Grpc-Status") is { } early)
        {
            // A call that is refused before its first message has its status in the headers.
            Status = (StatusCode)int.Parse(early, System.Globalization.CultureInfo.InvariantCulture);
            Message = Uri.UnescapeDataString(First(headers, "Grpc-Message") ?? "");
        }
    }

    /// <summary>The number of the line, from 1.</summary>
    public int Line { get; }

    /// <summary>The gRPC method with its service.</summary>
    public string Path { get; }

    /// <summary>The method of <c>cosi.resource.State</c>; empty for other services.</summary>
    public string StateMethod => Path.StartsWith("/cosi.resource.State/", StringComparison.Ordinal) ? Path["/cosi.resource.State/".Length..] : "";

    /// <summary>True for a call that goes to a machine.</summary>
    public bool ForTalos { get; }

    /// <summary>The messages sent, decompressed.</summary>
    public IReadOnlyList<byte[]> Requests { get; }

    /// <summary>The messages received, decompressed.</summary>
    public IReadOnlyList<byte[]> Responses { get; }

    /// <summary>How the call ended; null when the recording ended before it.</summary>
    public StatusCode? Status { get; }

    /// <summary>The text of the status.</summary>
    public string Message { get; } = "";

    /// <summary>All calls of the State service; skips the test when there are no vectors.</summary>
    public static IReadOnlyList<RecordedCall> OfState() =>
        [.. Vectors.JsonLines("transcripts/api.jsonl").Select((recorded, index) => new RecordedCall(index + 1, recorded)).Where(call => call.StateMethod.Length > 0)];

    /// <summary>All calls of a recording; skips the test when there are no vectors.</summary>
    public static IReadOnlyList<RecordedCall> Of(string file) => [.. Vectors.JsonLines(file).Select((recorded, index) => new RecordedCall(index + 1, recorded))];

    public override string ToString() => $"line {Line} {StateMethod}";

    private static string? First(JsonElement headers, string name) =>
        headers.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0 ? values[0].GetString() : null;

    // The signed copy of the metadata names all keys; the plain headers are only those that were sent.
    private static IEnumerable<string> Headers(JsonElement recorded) =>
        recorded.GetProperty("requestHeaders").EnumerateObject()
            .Where(header => header.Value.ValueKind == JsonValueKind.Array)
            .SelectMany(header => header.Value.EnumerateArray().Select(value => $"{header.Name.ToLowerInvariant()}={value.GetString()}"));

    private static byte[] Bytes(JsonElement message)
    {
        var bytes = Convert.FromBase64String(message.GetProperty("base64").GetString()!);
        if (message.GetProperty("flag").GetInt32() == 0)
        {
            return bytes;
        }

        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
        {
            gzip.CopyTo(unpacked);
        }

        return unpacked.ToArray();
    }
}
