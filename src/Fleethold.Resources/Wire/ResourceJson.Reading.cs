using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Fleethold.Resources.Wire;

public static partial class ResourceJson
{
    /// <summary>The longest text of a spec, in characters.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private const int MaxDepth = 64;

    /// <summary>
    /// Reads the spec of a create or update through the resource service: protobuf's JSON, names as in the .proto file or in lowerCamel, enums by
    /// number or name. An empty text is an empty spec. Large texts come out compressed where the spec has a field for that.
    /// </summary>
    /// <returns>A <see cref="Fault.Invalid"/> for what isn't JSON, an unknown or repeated field and a value of the wrong type. Only the fact of an error is
    /// the contract; upstream's own words vary between builds.</returns>
    public static Outcome<IMessage> ParseSpec(MessageDescriptor type, string json)
    {
        if (json.Length == 0)
            return Outcome<IMessage>.Of(type.Parser.ParseFrom(ByteString.Empty));

        if (json.Length > MaxLength)
            return new Fault.Invalid($"the JSON has {json.Length} characters; at most {MaxLength} are accepted");

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            var spec = ReadMessage(document.RootElement, type, "spec");
            if (!CompressedText.Expand(spec).Succeeded(out var plain, out var fault))
                return fault;

            CompressedText.Pack(plain);
            return Outcome<IMessage>.Of(plain);
        }
        catch (JsonException invalid)
        {
            return new Fault.Invalid("the JSON can't be read: " + invalid.Message);
        }
        catch (InputException invalid)
        {
            return new Fault.Invalid(invalid.Message);
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException)
        {
            // What .NET says of a string with half a character in it.
            return new Fault.Invalid("the JSON holds a text that is no Unicode: " + broken.Message);
        }
    }

    private static IMessage ReadMessage(JsonElement json, MessageDescriptor type, string path)
    {
        if (type == Timestamp.Descriptor)
            return ReadTime(json, path);

        if (type == Duration.Descriptor)
            return ReadDuration(json, path);

        if (json.ValueKind != JsonValueKind.Object)
            throw new InputException($"{path} must be an object, not {Shown(json)}");

        var message = type.Parser.ParseFrom(ByteString.Empty);
        var shape = SpecShape.Of(type);
        var seen = new HashSet<object>();
        foreach (var property in json.EnumerateObject())
        {
            if (shape.ByJsonName(property.Name) is not { } field)
                throw new InputException($"{path}: unknown field {GoText.Quote(property.Name)}");

            if (!seen.Add(field))
                throw new InputException($"{path}: duplicate field {GoText.Quote(property.Name)}");

            if (property.Value.ValueKind == JsonValueKind.Null)
                continue;

            if (field.Oneof is { } oneof && !seen.Add(oneof))
                throw new InputException($"{path}: only one of the fields of {oneof.Name} may be set");

            Set(message, field, property.Value, $"{path}.{property.Name}");
        }

        return message;
    }

    private static void Set(IMessage message, SpecField field, JsonElement json, string path)
    {
        if (field.MapValue is not null)
        {
            if (json.ValueKind != JsonValueKind.Object)
                throw new InputException($"{path} must be an object, not {Shown(json)}");

            var map = (IDictionary)field.Accessor.GetValue(message);
            foreach (var property in json.EnumerateObject())
            {
                var key = ReadKey(property.Name, field.MapKey!, path);
                if (map.Contains(key))
                    throw new InputException($"{path}: duplicate key {GoText.Quote(property.Name)}");

                map[key] = ReadValue(property.Value, field.MapValue, $"{path}[{GoText.Quote(property.Name)}]");
            }
        }
        else if (field.Descriptor.IsRepeated)
        {
            if (json.ValueKind != JsonValueKind.Array)
                throw new InputException($"{path} must be an array, not {Shown(json)}");

            var list = (IList)field.Accessor.GetValue(message);
            foreach (var item in json.EnumerateArray())
                list.Add(ReadValue(item, field, $"{path}[{list.Count.ToString(CultureInfo.InvariantCulture)}]"));
        }
        else
        {
            field.Accessor.SetValue(message, ReadValue(json, field, path));
        }
    }

    private static object ReadKey(string text, SpecField field, string path) => field.Type switch
    {
        FieldType.String => text,
        FieldType.Bool => text switch
        {
            "true" => true,
            "false" => false,
            _ => throw new InputException($"{path}: {GoText.Quote(text)} is no key of this map"),
        },
        _ => Whole(text, field.Type, path),
    };

    private static object ReadValue(JsonElement json, SpecField field, string path)
    {
        switch (field.Type, json.ValueKind)
        {
            case (FieldType.Message, _):
                return ReadMessage(json, field.Descriptor.MessageType, path);
            case (FieldType.String, JsonValueKind.String):
                return json.GetString()!;
            case (FieldType.Bytes, JsonValueKind.String):
                return ReadBytes(json.GetString()!, path);
            case (FieldType.Bool, JsonValueKind.True or JsonValueKind.False):
                return json.GetBoolean();
            case (FieldType.Enum, JsonValueKind.String):
                return System.Enum.ToObject(
                    field.Descriptor.EnumType.ClrType,
                    field.Descriptor.EnumType.FindValueByName(json.GetString()!)?.Number ?? throw new InputException($"{path}: {Shown(json)} is no value of this enum"));
            case (FieldType.Enum, JsonValueKind.Number):
                return System.Enum.ToObject(field.Descriptor.EnumType.ClrType, Whole(json.GetRawText(), FieldType.Int32, path));
            case (FieldType.Double or FieldType.Float, JsonValueKind.Number or JsonValueKind.String):
                return ReadFloat(json, field.Type, path);
            case (FieldType.String or FieldType.Bytes or FieldType.Bool or FieldType.Enum or FieldType.Double or FieldType.Float, _):
                throw new InputException($"{path}: {Shown(json)} is no value for a field of type {field.Type}");
            case (_, JsonValueKind.Number or JsonValueKind.String):
                return Whole(json.ValueKind == JsonValueKind.Number ? json.GetRawText() : json.GetString()!, field.Type, path);
            default:
                throw new InputException($"{path}: {Shown(json)} is no value for a field of type {field.Type}");
        }
    }

    // A number may come as a text and with a fraction or an exponent, as long as it is whole.
    private static object Whole(string text, FieldType type, string path)
    {
        if (!JsonNumber().IsMatch(text)
            || !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || decimal.Truncate(number) != number)
            throw new InputException($"{path}: {GoText.Quote(text)} is no whole number");

        try
        {
            return type switch
            {
                FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => decimal.ToInt32(number),
                FieldType.UInt32 or FieldType.Fixed32 => decimal.ToUInt32(number),
                FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => decimal.ToInt64(number),
                _ => (object)decimal.ToUInt64(number),
            };
        }
        catch (OverflowException)
        {
            throw new InputException($"{path}: {text} is out of range");
        }
    }

    private static object ReadFloat(JsonElement json, FieldType type, string path)
    {
        var text = json.ValueKind == JsonValueKind.Number ? json.GetRawText() : json.GetString()!;
        var number = text switch
        {
            "NaN" when json.ValueKind == JsonValueKind.String => double.NaN,
            "Infinity" when json.ValueKind == JsonValueKind.String => double.PositiveInfinity,
            "-Infinity" when json.ValueKind == JsonValueKind.String => double.NegativeInfinity,
            _ when JsonNumber().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var finite) && double.IsFinite(finite) => finite,
            _ => throw new InputException($"{path}: {GoText.Quote(text)} is no number"),
        };
        return type == FieldType.Float ? (object)(float)number : number;
    }

    // Both alphabets, with and without padding.
    private static ByteString ReadBytes(string text, string path)
    {
        var standard = text.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        var padded = standard.PadRight((standard.Length + 3) / 4 * 4, '=');
        var buffer = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, buffer, out var written) && !text.Any(char.IsWhiteSpace)
            ? ByteString.CopyFrom(buffer, 0, written)
            : throw new InputException($"{path}: {GoText.Quote(text.Length > 100 ? text[..100] : text)} is not base64");
    }

    private static Timestamp ReadTime(JsonElement json, string path)
    {
        var text = json.ValueKind == JsonValueKind.String ? json.GetString()! : "";
        if (Rfc3339().Match(text) is not { Success: true } match
            || !DateTimeOffset.TryParseExact(
                match.Groups["time"].Value + match.Groups["zone"].Value,
                "yyyy-MM-dd'T'HH:mm:ssK",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var time))
            throw new InputException($"{path}: {Shown(json)} is no time like 2026-01-31T12:00:00Z");

        return new Timestamp { Seconds = time.ToUnixTimeSeconds(), Nanos = Nanos(match) };
    }

    private static Duration ReadDuration(JsonElement json, string path)
    {
        var text = json.ValueKind == JsonValueKind.String ? json.GetString()! : "";
        if (Seconds().Match(text) is not { Success: true } match
            || !long.TryParse(match.Groups["seconds"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > 315_576_000_000)
            throw new InputException($"{path}: {Shown(json)} is no duration like 3600s");

        var sign = match.Groups["sign"].Value == "-" ? -1 : 1;
        return new Duration { Seconds = sign * seconds, Nanos = sign * Nanos(match) };
    }

    private static int Nanos(Match match) =>
        match.Groups["fraction"] is { Success: true } fraction ? int.Parse(fraction.Value.PadRight(9, '0'), NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    private static string Shown(JsonElement json)
    {
        var raw = json.GetRawText();
        return raw.Length > 100 ? raw[..100] + "..." : raw;
    }

    [GeneratedRegex(@"^-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?(?:[eE][-+]?[0-9]{1,3})?\z")]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"^(?<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?<fraction>[0-9]{1,9}))?(?<zone>Z|[-+][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex Rfc3339();

    [GeneratedRegex(@"^(?<sign>-?)(?<seconds>[0-9]{1,12})(?:\.(?<fraction>[0-9]{1,9}))?s\z")]
    private static partial Regex Seconds();
}
