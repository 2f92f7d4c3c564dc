using System.IO.Compression;
using System.Text.Json;
using Fleethold.Testing;

namespace Fleethold.Cli.Tests.Transcripts;

/// <summary>One command of a recorded omnictl session.</summary>
public sealed record RecordedStep(int Number, string Name, string Command, int Exit, string Out, string Error, IReadOnlyList<RecordedCall> Calls);

/// <summary>One gRPC call of the session, messages decompressed.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Request">The request.</param>
/// <param name="Responses">The responses in order.</param>
/// <param name="Status">gRPC status; null when the client broke the call off.</param>
/// <param name="Message">gRPC message.</param>
public sealed record RecordedCall(string Method, byte[] Request, IReadOnlyList<byte[]> Responses, int? Status, string Message);

/// <summary>Reads the session.</summary>
public static class Recording
{
    /// <summary>The steps that are a get or an apply.</summary>
    public static IReadOnlyList<RecordedStep> Steps()
    {
        var calls = Vectors.JsonLines("transcripts/api.jsonl").ToArray();
        return [.. Vectors.JsonLines("transcripts/steps.jsonl")
            .Where(step => Command(step) is { } command
                && (command.Contains("omnictl get ", StringComparison.Ordinal) || command.Contains("omnictl apply ", StringComparison.Ordinal)))
            .Select(step => new RecordedStep(
                step.GetProperty("step").GetInt32(),
                step.GetProperty("name").GetString()!,
                Command(step),
                step.GetProperty("exit").GetInt32(),
                step.GetProperty("stdout").GetString()!,
                step.GetProperty("stderr").GetString()!,
                [.. calls[(step.GetProperty("callsFrom").GetInt32() - 1)..step.GetProperty("callsTo").GetInt32()].Select(Call)]))];
    }

    private static string Command(JsonElement step) => string.Join(' ', step.GetProperty("command").EnumerateArray().Select(part => part.GetString()));

    private static RecordedCall Call(JsonElement call)
    {
        var messages = call.GetProperty("messages").EnumerateArray()
            .Select(message => (Direction: message.GetProperty("dir").GetString(), Bytes: Bytes(message)))
            .ToArray();
        var trailers = call.GetProperty("trailers");
        return new RecordedCall(
            call.GetProperty("path").GetString()!.Split('/')[^1],
            messages.Single(message => message.Direction == "request").Bytes,
            [.. messages.Where(message => message.Direction == "response").Select(message => message.Bytes)],
            Trailer("Grpc-Status") is { } status ? int.Parse(status, System.Globalization.CultureInfo.InvariantCulture) : null,
            Uri.UnescapeDataString(Trailer("Grpc-Message") ?? ""));

        string? Trailer(string name) =>
            trailers.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Array ? values[0].GetString() : null;
    }

    private static byte[] Bytes(JsonElement message)
    {
        var bytes = message.GetProperty("base64").GetBytesFromBase64();
        if (message.GetProperty("flag").GetInt32() == 0)
        {
            return bytes;
        }

        using var plain = new MemoryStream();
        using (var packed = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
        {
            packed.CopyTo(plain);
        }

        return plain.ToArray();
    }
}
