using System.Collections;
using System.Globalization;
using Fleethold.Resources.Specs;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleethold.Resources.Wire;

/// <summary>
/// A resource as JSON text, as the resource service returns it (reference/resources.md 2.3): the spec with the names of the .proto files
/// and numbers for enums, then the metadata. Input is read by <see cref="ParseSpec"/>.
/// </summary>
public static partial class ResourceJson
{
    /// <summary>The text of one resource.</summary>
    /// <exception cref="InvalidProtocolBufferException">The stored spec is damaged.</exception>
    public static string Render(Resources.Resource resource)
    {
        var json = new JsonBuffer().Raw("{\"spec\":");
        if (resource.SpecMessage is NamespaceSpec or ResourceDefinitionSpec)
            OpaqueJson.Write(json, SpecYaml.Of(resource));
        else if (resource.SpecMessage is { } spec)
            WriteMessage(json, CompressedText.Applies(spec) && CompressedText.Expand(spec).Succeeded(out var plain, out _) ? plain : spec);
        else
            OpaqueJson.Write(json, ((OpaqueResource)resource).Yaml);

        json.Raw(",\"metadata\":");
        WriteMetadata(json, resource.Metadata);
        return json.Raw("}").ToString();
    }

    /// <summary>The text of a spec message alone.</summary>
    public static string RenderSpec(IMessage spec)
    {
        var json = new JsonBuffer();
        WriteMessage(json, CompressedText.Applies(spec) && CompressedText.Expand(spec).Succeeded(out var plain, out _) ? plain : spec);
        return json.ToString();
    }

    private static void WriteMetadata(JsonBuffer json, Resources.Metadata metadata)
    {
        json.Raw("{\"created\":").Text(metadata.Created.ToString())
            .Raw(",\"updated\":").Text(metadata.Updated.ToString())
            .Raw(",\"namespace\":").Text(metadata.Namespace)
            .Raw(",\"type\":").Text(metadata.Type)
            .Raw(",\"id\":").Text(metadata.Id)
            .Raw(",\"owner\":").Text(metadata.Owner)
            .Raw(",\"phase\":").Text(metadata.Phase.ToWire());
        WriteMap(json, ",\"labels\":", metadata.Labels);
        WriteMap(json, ",\"annotations\":", metadata.Annotations);
        for (var index = 0; index < metadata.Finalizers.Length; index++)
            json.Raw(index == 0 ? ",\"finalizers\":[" : ",").Text(metadata.Finalizers[index]);

        json.Raw(metadata.Finalizers.Length > 0 ? "]" : "").Raw(",\"version\":").Number(metadata.Version.Value).Raw("}");
    }

    private static void WriteMap(JsonBuffer json, string key, StringMap map)
    {
        if (map.Count == 0)
            return;

        var separator = key + "{";
        foreach (var (name, value) in map.Pairs)
        {
            // Upstream makes its JSON from the YAML, where these words stand without quotes and are no text.
            json.Raw(separator).Text(name).Raw(":").Text(value is "~" or "null" or "Null" or "NULL" ? "" : value);
            separator = ",";
        }

        json.Raw("}");
    }

    private static void WriteMessage(JsonBuffer json, IMessage message)
    {
        switch (message)
        {
            case Timestamp time:
                json.Text(TimeText(time));
                return;
            case Duration duration:
                json.Text(DurationText(duration));
                return;
        }

        var separator = "{";
        foreach (var field in SpecShape.Of(message.Descriptor).Fields)
        {
            var value = field.Accessor.GetValue(message);
            if (IsAbsent(message, field, value))
                continue;

            json.Raw(separator).Raw(field.JsonKey);
            separator = ",";
            if (field.MapValue is not null)
                WriteMap(json, (IDictionary)value!);
            else if (field.Descriptor.IsRepeated)
                WriteList(json, (IList)value!);
            else
                WriteValue(json, value!);
        }

        json.Raw(separator == "{" ? "{}" : "}");
    }

    private static bool IsAbsent(IMessage message, SpecField field, object? value) => value switch
    {
        null => true,
        ICollection collection => collection.Count == 0,
        IMessage => false,
        _ when field.Descriptor.HasPresence => !field.Accessor.HasValue(message),
        string text => text.Length == 0,
        ByteString bytes => bytes.Length == 0,
        bool flag => !flag,
        double number => BitConverter.DoubleToInt64Bits(number) == 0,
        float number => BitConverter.SingleToInt32Bits(number) == 0,
        long number => number == 0,
        ulong number => number == 0,
        uint number => number == 0,
        _ => (int)value == 0,
    };

    private static void WriteList(JsonBuffer json, IList list)
    {
        for (var index = 0; index < list.Count; index++)
            WriteValue(json.Raw(index == 0 ? "[" : ","), list[index]!);

        json.Raw("]");
    }

    private static void WriteMap(JsonBuffer json, IDictionary map)
    {
        var keys = new object[map.Count];
        map.Keys.CopyTo(keys, 0);
        if (keys[0] is string)
            Array.Sort(keys, static (left, right) => string.CompareOrdinal((string)left, (string)right));
        else
            Array.Sort(keys);

        var separator = "{";
        foreach (var key in keys)
        {
            json.Raw(separator).Text(key as string ?? (key is bool flag ? (flag ? "true" : "false") : ((IFormattable)key).ToString(null, CultureInfo.InvariantCulture))).Raw(":");
            separator = ",";
            WriteValue(json, map[key]!);
        }

        json.Raw("}");
    }

    private static void WriteValue(JsonBuffer json, object value)
    {
        switch (value)
        {
            case IMessage message:
                WriteMessage(json, message);
                break;
            case string text:
                json.Text(text);
                break;
            case ByteString bytes:
                json.Raw("\"").Raw(Convert.ToBase64String(bytes.Span)).Raw("\"");
                break;
            case bool flag:
                json.Raw(flag ? "true" : "false");
                break;
            case long number:
                json.Raw("\"").Number(number).Raw("\"");
                break;
            case ulong number:
                json.Raw("\"").Number(number).Raw("\"");
                break;
            case int number:
                json.Number(number);
                break;
            case uint number:
                json.Number(number);
                break;
            case double number when double.IsFinite(number):
                json.Raw(GoText.JsonFloat(number.ToString("R", CultureInfo.InvariantCulture)));
                break;
            case float number when float.IsFinite(number):
                json.Raw(GoText.JsonFloat(number.ToString("R", CultureInfo.InvariantCulture)));
                break;
            case double number:
                json.Text(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                break;
            case float number:
                json.Text(float.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                break;
            default:
                json.Number((int)value);
                break;
        }
    }

    private static string TimeText(Timestamp time)
    {
        var instant = Instant.FromTimestamp(time);
        return instant.ToString()[..^1] + Fraction(instant.Nanos) + "Z";
    }

    private static string DurationText(Duration duration)
    {
        var negative = duration.Seconds < 0 || duration.Nanos < 0;
        return (negative ? "-" : "") + duration.Seconds.ToString(CultureInfo.InvariantCulture).TrimStart('-') + Fraction(Math.Abs((long)duration.Nanos)) + "s";
    }

    // No digits, or three, six or nine of them.
    private static string Fraction(long nanos)
    {
        var digits = nanos.ToString("D9", CultureInfo.InvariantCulture);
        return nanos switch
        {
            0 => "",
            _ when nanos % 1_000_000 == 0 => "." + digits[..3],
            _ when nanos % 1_000 == 0 => "." + digits[..6],
            _ => "." + digits,
        };
    }
}
