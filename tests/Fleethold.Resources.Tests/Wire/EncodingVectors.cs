using System.Text.Json;
using Google.Protobuf;

namespace Fleethold.Resources.Tests.Wire;

/// <summary>Reading of misc/resource-encoding.json.</summary>
internal static class EncodingVectors
{
    public const string FileName = "misc/resource-encoding.json";

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static byte[] Bytes(this JsonElement element, string name) => element.GetProperty(name).GetBytesFromBase64();

    public static bool Has(this JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public static Resource Decode(this JsonElement element, string name) => Resources.Wire.ResourceCodec.Decode(element.Bytes(name)).Value;

    /// <summary>True when a message and all within it know every field that was in these bytes.</summary>
    public static bool KnowsAll(IMessage message, ReadOnlySpan<byte> bytes) =>
        message.Descriptor.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes).CalculateSize() == message.Descriptor.Parser.ParseFrom(bytes).CalculateSize();

    /// <summary>Fails with the first few of many problems.</summary>
    public static void None(List<string> problems) =>
        Assert.True(problems.Count == 0, $"{problems.Count} problems:\n{string.Join("\n", problems.Take(8))}");

    /// <summary>Two texts side by side, from the first line in which they differ.</summary>
    public static string Difference(string expected, string actual)
    {
        string[] one = expected.Split('\n'), other = actual.Split('\n');
        var line = 0;
        while (line < one.Length && line < other.Length && one[line] == other[line])
            line++;

        return $"line {line + 1}: expected <{string.Join("\\n", one.Skip(line).Take(3))}>, got <{string.Join("\\n", other.Skip(line).Take(3))}>";
    }
}
