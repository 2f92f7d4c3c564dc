using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fleethold.Resources.Wire;

/// <summary>
/// Makes a spec message of the YAML that people write, the reverse of <see cref="SpecYaml"/>. A null is the zero value; a text field takes any
/// scalar by its letters, so that a version like <c>1.10</c> needs no quotes.
/// </summary>
internal static class SpecYamlReader
{
    /// <summary>The message.</summary>
    /// <exception cref="InputException">A key is unknown or a value has the wrong type; the message gives line and column.</exception>
    public static IMessage Read(YamlPart part, MessageDescriptor type, string path)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        if (part is YamlText { IsNull: true })
            return message;

        if (part is not YamlMap map)
            throw part.Complaint($"{path} must be a mapping");

        var shape = SpecShape.Of(type);
        foreach (var (key, value) in map.Entries)
        {
            if (shape.ByYamlName(key.Text) is { Oneof: null } field)
                Set(message, field, value, $"{path}.{key.Text}");
            else if (shape.Fields.Any(member => member.Oneof is not null && SpecField.Lower(member.Oneof.Name) == key.Text))
                SetOneof(message, shape, key, value, $"{path}.{key.Text}");
            else
                throw key.Complaint($"{path} has no field {GoText.Quote(key.Text)}; it has {Names(shape)}");
        }

        return message;
    }

    private static string Names(SpecShape shape) => shape.Fields.Length == 0
        ? "none"
        : string.Join(", ", shape.Fields.Select(field => field.Oneof is null ? field.YamlName : SpecField.Lower(field.Oneof.Name)).Distinct());

    private static void SetOneof(IMessage message, SpecShape shape, YamlText key, YamlPart value, string path)
    {
        if (value is YamlText { IsNull: true })
            return;

        if (value is not YamlMap { Entries: [var (name, content)] })
            throw value.Complaint($"{path} must be a mapping with one key");

        if (shape.ByYamlName(name.Text) is not { Oneof: not null } field || SpecField.Lower(field.Oneof.Name) != key.Text)
            throw name.Complaint($"{path} has no field {GoText.Quote(name.Text)}");

        Set(message, field, content, $"{path}.{name.Text}");
    }

    private static void Set(IMessage message, SpecField field, YamlPart part, string path)
    {
        if (part is YamlText { IsNull: true })
            return;

        if (field.MapValue is not null)
        {
            if (part is not YamlMap map)
                throw part.Complaint($"{path} must be a mapping");

            var target = (IDictionary)field.Accessor.GetValue(message);
            foreach (var (key, value) in map.Entries)
                target[Value(key, field.MapKey!, path)] = Value(value, field.MapValue, $"{path}.{key.Text}");
        }
        else if (field.Descriptor.IsRepeated)
        {
            if (part is not YamlList list)
                throw part.Complaint($"{path} must be a list");

            var target = (IList)field.Accessor.GetValue(message);
            for (var index = 0; index < list.Items.Count; index++)
                target.Add(Value(list.Items[index], field, $"{path}[{index.ToString(CultureInfo.InvariantCulture)}]"));
        }
        else
        {
            field.Accessor.SetValue(message, Value(part, field, path));
        }
    }

    private static object Value(YamlPart part, SpecField field, string path)
    {
        switch (field.Type)
        {
            case FieldType.Message:
                return Read(part, field.Descriptor.MessageType, path);
            case FieldType.Bytes:
                return Bytes(part, path);
        }

        if (part is not YamlText scalar)
            throw part.Complaint($"{path} must be {Wanted(field)}");

        var text = scalar.IsNull ? "" : scalar.Text;
        return field.Type switch
        {
            FieldType.String => ValidText(scalar, text, path),
            FieldType.Bool => scalar.IsNull ? false : Bool(scalar, text, path),
            FieldType.Double => scalar.IsNull ? 0d : Double(scalar, text, path),
            FieldType.Float => scalar.IsNull ? 0f : (float)Double(scalar, text, path),
            FieldType.Enum => System.Enum.ToObject(field.Descriptor.EnumType.ClrType, scalar.IsNull ? 0 : Enum(scalar, text, field, path)),
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => (int)Integer(scalar, text, path, int.MinValue, int.MaxValue),
            FieldType.UInt32 or FieldType.Fixed32 => (uint)Integer(scalar, text, path, uint.MinValue, uint.MaxValue),
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (object)(long)Integer(scalar, text, path, long.MinValue, long.MaxValue),
            _ => (ulong)Integer(scalar, text, path, ulong.MinValue, ulong.MaxValue),
        };
    }

    private static string Wanted(SpecField field) => field.Type switch
    {
        FieldType.String => "a text",
        FieldType.Bool => "true or false",
        _ => "a number",
    };

    // A string of .NET can hold half a character, which no message can.
    private static string ValidText(YamlText scalar, string text, string path)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (!char.IsSurrogate(text[index]))
                continue;

            if (index + 1 >= text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                throw scalar.Complaint($"{path} holds half of a character");

            index++;
        }

        return text;
    }

    private static bool Bool(YamlText scalar, string text, string path) => scalar.IsPlain
        ? text switch
        {
            "true" or "True" or "TRUE" or "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => true,
            "false" or "False" or "FALSE" or "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => false,
            _ => throw scalar.Complaint($"{path} must be true or false, not {GoText.Quote(text)}"),
        }
        : throw scalar.Complaint($"{path} must be true or false without quotes");

    private static double Double(YamlText scalar, string text, string path) => text switch
    {
        ".inf" or ".Inf" or ".INF" or "+.inf" => double.PositiveInfinity,
        "-.inf" or "-.Inf" or "-.INF" => double.NegativeInfinity,
        ".nan" or ".NaN" or ".NAN" => double.NaN,
        _ when scalar.IsPlain && double.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) => number,
        _ => throw scalar.Complaint($"{path} must be a number, not {GoText.Quote(text)}"),
    };

    private static int Enum(YamlText scalar, string text, SpecField field, string path) =>
        field.Descriptor.EnumType.FindValueByName(field.IsWordInYaml ? text.ToUpperInvariant() : text)?.Number ?? (int)Integer(scalar, text, path, int.MinValue, int.MaxValue);

    private static Int128 Integer(YamlText scalar, string text, string path, Int128 least, Int128 most)
    {
        if (scalar.IsNull)
            return 0;

        if (!scalar.IsPlain || !YamlNumber.TryParseInteger(text.Replace("_", "", StringComparison.Ordinal), out var negative, out var magnitude))
            throw scalar.Complaint($"{path} must be a whole number, not {GoText.Quote(text)}");

        var value = negative ? -(Int128)magnitude : magnitude;
        return value >= least && value <= most ? value : throw scalar.Complaint($"{path} must be between {least} and {most}");
    }

    private static ByteString Bytes(YamlPart part, string path)
    {
        switch (part)
        {
            case YamlText { IsNull: true }:
                return ByteString.Empty;
            case YamlText { IsBinary: true } binary:
                var buffer = new byte[binary.Text.Length];
                return Convert.TryFromBase64String(binary.Text, buffer, out var written)
                    ? ByteString.CopyFrom(buffer, 0, written)
                    : throw part.Complaint($"{path} is not base64");
            case YamlList list:
                return ByteString.CopyFrom([.. list.Items.Select(item => item is YamlText octet
                    ? (byte)Integer(octet, octet.Text, path, byte.MinValue, byte.MaxValue)
                    : throw item.Complaint($"{path} must be a list of numbers from 0 to 255"))]);
            default:
                throw part.Complaint($"{path} must be a list of numbers from 0 to 255");
        }
    }
}
