using System.Collections;
using Fleethold.Resources.Specs;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fleethold.Resources.Wire;

/// <summary>
/// The YAML form of a spec, which clients show and evaluate column paths on (reference/resources.md 1.3): names in lower case without
/// separators, declaration order, every field written, four spaces of indentation. Compressed texts appear plain.
/// </summary>
public static class SpecYaml
{
    private const int Unit = 4;

    private static readonly Func<string, bool, ScalarStyle> ValueStyle = YamlScalar.OfValue;

    /// <summary>The YAML of a resource's spec; of one that isn't registered, the text it came with.</summary>
    /// <exception cref="InvalidProtocolBufferException">The stored spec is damaged.</exception>
    public static string Of(Resources.Resource resource) => resource is OpaqueResource opaque ? opaque.Yaml : Render(resource.SpecMessage!);

    /// <summary>The YAML of a spec message.</summary>
    public static string Render(IMessage spec)
    {
        var buffer = YamlBuffer.Rent();
        try
        {
            Write(buffer, spec);
            return buffer.ToString();
        }
        finally
        {
            buffer.Return();
        }
    }

    internal static void Write(YamlBuffer buffer, IMessage spec)
    {
        var plain = Plain(spec);
        var shape = SpecShape.Of(plain.Descriptor);
        if (shape.Fields.Length == 0)
            buffer.Raw("{}"u8);
        else
            WriteFields(buffer, plain, shape, 0, startsLine: true);

        buffer.End();
    }

    /// <summary>Writes a spec as the value of a key, its fields at a column.</summary>
    internal static void WriteNested(YamlBuffer buffer, IMessage spec, int indent)
    {
        var plain = Plain(spec);
        var shape = SpecShape.Of(plain.Descriptor);
        if (shape.Fields.Length == 0)
            buffer.Raw(" {}"u8);
        else
            WriteFields(buffer, plain, shape, indent, startsLine: true);
    }

    // A frame that can't be read was stored by somebody else's hand; its bytes are then shown as they are.
    private static IMessage Plain(IMessage spec) =>
        CompressedText.Applies(spec) && CompressedText.Expand(spec).Succeeded(out var expanded, out _) ? expanded : spec;

    private static void WriteFields(YamlBuffer buffer, IMessage message, SpecShape shape, int indent, bool startsLine)
    {
        OneofDescriptor? written = null;
        foreach (var field in shape.Fields)
        {
            if (field.HiddenInYaml || (field.Oneof is not null && field.Oneof == written) || (field.IsWordInYaml && (int)field.Accessor.GetValue(message) == 0))
                continue;

            if (startsLine)
                buffer.BeginLine(indent);

            startsLine = true;
            written = field.Oneof;
            if (written is null)
            {
                buffer.Raw(field.YamlKey);
                WriteField(buffer, message, field, indent);
                continue;
            }

            buffer.Raw(field.OneofKey);
            if (written.Accessor.GetCaseFieldDescriptor(message) is not { } member)
            {
                buffer.Raw(" null"u8);
                continue;
            }

            var set = Array.Find(shape.Fields, candidate => candidate.Descriptor == member)!;
            var deeper = Deeper(indent);
            buffer.BeginLine(deeper);
            buffer.Raw(set.YamlKey);
            WriteField(buffer, message, set, deeper);
        }
    }

    private static void WriteField(YamlBuffer buffer, IMessage message, SpecField field, int indent)
    {
        if (field.MapValue is not null)
            WriteMap(buffer, (IDictionary)field.Accessor.GetValue(message), field, Deeper(indent));
        else if (field.Descriptor.IsRepeated)
            WriteList(buffer, (IList)field.Accessor.GetValue(message), field, Deeper(indent));
        else if (field.Descriptor.HasPresence && field.Type != FieldType.Message && !field.Accessor.HasValue(message))
            buffer.Raw(" null"u8);
        else
            WriteValue(buffer, field.Accessor.GetValue(message), field, indent, inList: false);
    }

    private static void WriteList(YamlBuffer buffer, IList list, SpecField field, int indent)
    {
        if (list.Count == 0)
        {
            buffer.Raw(" []"u8);
            return;
        }

        foreach (var item in list)
        {
            buffer.BeginLine(indent);
            buffer.Raw("-"u8);
            WriteValue(buffer, item, field, indent, inList: true);
        }
    }

    private static void WriteMap(YamlBuffer buffer, IDictionary map, SpecField field, int indent)
    {
        if (map.Count == 0)
        {
            buffer.Raw(" {}"u8);
            return;
        }

        var keys = new object[map.Count];
        map.Keys.CopyTo(keys, 0);
        Array.Sort(keys, YamlKeyOrder.Compare);
        foreach (var key in keys)
        {
            buffer.BeginLine(indent);
            if (key is string text)
            {
                buffer.Key(text, indent, ValueStyle);
            }
            else
            {
                WriteScalar(buffer, key, field.MapKey!, indent);
                buffer.Raw(":"u8);
            }

            WriteValue(buffer, map[key], field.MapValue!, indent, inList: false);
        }
    }

    private static void WriteValue(YamlBuffer buffer, object? value, SpecField field, int indent, bool inList)
    {
        // The first step into a list only passes the dash; everything else goes to the next multiple of four.
        var deeper = inList ? indent + 2 : Deeper(indent);
        switch (value)
        {
            case null:
                buffer.Raw(" null"u8);
                break;
            case IMessage message when field.Shape.Fields.Length == 0:
                buffer.Raw(" {}"u8);
                break;
            case IMessage message:
                if (inList)
                    buffer.Raw(" "u8);

                WriteFields(buffer, message, field.Shape, deeper, startsLine: !inList);
                break;
            case ByteString bytes:
                WriteBytes(buffer, bytes, deeper, inList);
                break;
            default:
                buffer.Raw(" "u8);
                WriteScalar(buffer, value, field, deeper);
                break;
        }
    }

    private static void WriteBytes(YamlBuffer buffer, ByteString bytes, int indent, bool inList)
    {
        if (bytes.Length == 0)
        {
            buffer.Raw(" []"u8);
            return;
        }

        var first = true;
        foreach (var octet in bytes.Span)
        {
            if (first && inList)
                buffer.Raw(" "u8);
            else
                buffer.BeginLine(indent);

            first = false;
            buffer.Raw("- "u8);
            buffer.Raw(octet);
        }
    }

    private static void WriteScalar(YamlBuffer buffer, object value, SpecField field, int indent)
    {
        switch (value)
        {
            case string text when field.Descriptor.ContainingType.FullName == "specs.ClusterMachineConfigPatchesSpec" && text is ['\n' or ' ', ..]:
                buffer.Scalar(text, YamlScalar.Allowed(text, ScalarStyle.SingleQuoted, asKey: false), indent);
                break;
            case string text:
                buffer.Text(text, indent);
                break;
            case ResourceDefinitionSpec.Types.Sensitivity.Sensitive:
                buffer.Raw("sensitive"u8);
                break;
            case bool flag:
                buffer.Raw(flag ? "true"u8 : "false"u8);
                break;
            case int number:
                buffer.Raw(number);
                break;
            case uint number:
                buffer.Raw(number);
                break;
            case long number:
                buffer.Raw(number);
                break;
            case ulong number:
                buffer.Raw(number);
                break;
            case double number:
                buffer.Raw(GoText.YamlFloat(number));
                break;
            case float number:
                buffer.Raw(GoText.YamlFloat(number));
                break;
            default:
                if (field.IsWordInYaml)
                    buffer.Raw(field.Descriptor.EnumType.FindValueByNumber((int)value)?.Name.ToLowerInvariant() ?? "");
                else
                    buffer.Raw((int)value);

                break;
        }
    }

    private static int Deeper(int indent) => indent + Unit - indent % Unit;
}
