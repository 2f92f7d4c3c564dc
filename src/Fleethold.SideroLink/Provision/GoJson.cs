using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Fleethold.SideroLink.Provision;

/// <summary>
/// JSON as the encoder of the original writes it and its decoder reads it. Signatures and comparisons are made over the text, so each character counts
/// (reference/siderolink.md 2.2 and 10, traps 7 and 9).
/// </summary>
internal static class GoJson
{
    private const int MaxDepth = 32;

    /// <summary>How a reader is told what the fields of the object are; it must take the whole value.</summary>
    public delegate void FieldReader(string name, ref Utf8JsonReader value);

    /// <summary>Appends a text in quotes. Half a surrogate pair stands for a byte that isn't UTF-8, and is written as the escape <c>\ufffd</c>.</summary>
    public static StringBuilder AppendText(this StringBuilder json, string text)
    {
        json.Append('"');
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var used) != OperationStatus.Done)
            {
                json.Append(@"\ufffd");
            }
            else
            {
                _ = rune.Value switch
                {
                    '"' => json.Append("\\\""),
                    '\\' => json.Append(@"\\"),
                    '\b' => json.Append(@"\b"),
                    '\f' => json.Append(@"\f"),
                    '\n' => json.Append(@"\n"),
                    '\r' => json.Append(@"\r"),
                    '\t' => json.Append(@"\t"),
                    < 0x20 or '<' or '>' or '&' or 0x2028 or 0x2029 => json.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                    _ => json.Append(rest[..used]),
                };
            }

            rest = rest[used..];
        }

        return json.Append('"');
    }

    /// <summary>Appends an object of texts, its keys in the order of their bytes; <c>null</c> for none.</summary>
    public static StringBuilder AppendMap(this StringBuilder json, IReadOnlyDictionary<string, string>? map)
    {
        if (map is null)
        {
            return json.Append("null");
        }

        json.Append('{');
        var separator = "";
        foreach (var (_, key, value) in map.Select(entry => (Bytes: Encoding.UTF8.GetBytes(entry.Key), entry.Key, entry.Value)).OrderBy(entry => entry.Bytes, ByteOrder.Instance))
        {
            json.Append(separator).AppendText(key).Append(':').AppendText(value);
            separator = ",";
        }

        return json.Append('}');
    }

    /// <summary>
    /// Reads one object (or <c>null</c>, which has no fields) and nothing after it. Unlike the original it refuses texts that aren't UTF-8 and halves of
    /// surrogate pairs, which nobody writes.
    /// </summary>
    /// <returns>Why it can't be read; null when it was.</returns>
    public static string? ReadObject(ReadOnlySpan<byte> json, FieldReader field)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read())
            {
                return "it is empty";
            }

            if (reader.TokenType != JsonTokenType.Null)
            {
                ReadFields(ref reader, field);
            }

            return reader.Read() ? "something stands after the object" : null;
        }
        catch (JsonException failure)
        {
            return failure is { LineNumber: not null } ? $"it isn't JSON (byte {failure.BytePositionInLine})" : failure.Message;
        }
        catch (InvalidOperationException)
        {
            return "a text in it isn't valid Unicode";
        }
    }

    /// <summary>The text that the reader stands on.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="whenNull">What <c>null</c> stands for.</param>
    /// <exception cref="JsonException">It is no text.</exception>
    public static string? Text(ref Utf8JsonReader reader, string? whenNull) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Null => whenNull,
        _ => throw new JsonException("a field that should be a text is something else"),
    };

    /// <summary>Adds the texts of the object that the reader stands on to those read before; null for <c>null</c>.</summary>
    /// <exception cref="JsonException">It is no object of texts.</exception>
    public static Dictionary<string, string>? Map(ref Utf8JsonReader reader, Dictionary<string, string>? before)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var map = before ?? new Dictionary<string, string>(StringComparer.Ordinal);
        ReadFields(ref reader, (string name, ref Utf8JsonReader value) => map[name] = Text(ref value, "")!);
        return map;
    }

    private static void ReadFields(ref Utf8JsonReader reader, FieldReader field)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("it isn't a JSON object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            field(name, ref reader);
        }
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
