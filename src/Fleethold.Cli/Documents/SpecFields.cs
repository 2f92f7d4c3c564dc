using System.Text;
using Fleethold.Cli.Output;
using Google.Protobuf.Reflection;

namespace Fleethold.Cli.Documents;

/// <summary>The fields of a spec as they are written in YAML, from the descriptors of the wire contract.</summary>
internal static class SpecFields
{
    /// <summary>Describes a message, or the part of it that a path of YAML field names leads to.</summary>
    /// <exception cref="CommandFailure">A field of the path isn't there.</exception>
    public static string Describe(MessageDescriptor spec, ReadOnlySpan<string> path)
    {
        var message = spec;
        FieldDescriptor? field = null;
        foreach (var name in path)
        {
            field = message?.Fields.InDeclarationOrder().FirstOrDefault(candidate => NameOf(candidate) == name || candidate.Name == name)
                ?? throw new CommandFailure($"field \"{name}\" doesn't exist{(message is null ? "" : $": {message.Name} has {string.Join(", ", message.Fields.InDeclarationOrder().Select(NameOf))}")}");
            message = Inner(field);
        }

        var table = new TabTable();
        if (field is not null)
        {
            table.Add($"FIELD: {NameOf(field)}", TypeOf(field));
        }
        else
        {
            table.Add($"SPEC: {spec.Name}", "");
        }

        if (field?.FieldType == FieldType.Enum)
        {
            foreach (var value in field.EnumType.Values)
            {
                table.Add($"  {value.Number}", value.Name);
            }
        }

        if (message is not null)
        {
            AddFields(table, message, "  ", [message.FullName]);
        }

        // A heading without a type ends in blanks that nobody wants.
        return "\n" + string.Join('\n', table.TakeText().Split('\n').Select(line => line.TrimEnd(' ')));
    }

    /// <summary>The name of a field in YAML: the name in the definition without separators, but for a few (reference/resources.md 1.3).</summary>
    public static string NameOf(FieldDescriptor field) => field.FullName switch
    {
        "specs.ClusterMachineSpec.kubernetes_version" => field.Name,
        "cosi.resource.meta.ResourceDefinitionSpec.resource_type" => "type",
        var name when name.StartsWith("cosi.resource.meta.", StringComparison.Ordinal) => field.JsonName,
        _ => field.Name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant(),
    };

    private static void AddFields(TabTable table, MessageDescriptor message, string indent, HashSet<string> above)
    {
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            table.Add(indent + NameOf(field), TypeOf(field));
            if (Inner(field) is { } inner && above.Add(inner.FullName))
            {
                AddFields(table, inner, indent + "  ", above);
                above.Remove(inner.FullName);
            }
        }
    }

    /// <summary>The message behind a field, a list or the values of a map.</summary>
    private static MessageDescriptor? Inner(FieldDescriptor field) =>
        field.IsMap ? Inner(field.MessageType.FindFieldByNumber(2)) : field.FieldType is FieldType.Message or FieldType.Group ? field.MessageType : null;

    private static string TypeOf(FieldDescriptor field) =>
        field.IsMap ? $"map of {Single(field.MessageType.FindFieldByNumber(1))} to {Single(field.MessageType.FindFieldByNumber(2))}"
        : field.IsRepeated ? $"list of {Single(field)}"
        : field.RealContainingOneof is { } choice ? $"{Single(field)}, one of {choice.Name}"
        : Single(field);

    private static string Single(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message or FieldType.Group => field.MessageType.Name,
        FieldType.Enum => $"{field.EnumType.Name} ({Values(field.EnumType)})",
        FieldType.Bytes => "bytes, as a list of numbers",
        var type => type.ToString().ToLowerInvariant(),
    };

    private static string Values(EnumDescriptor type)
    {
        var text = new StringBuilder();
        foreach (var value in type.Values)
        {
            text.Append(text.Length > 0 ? ", " : "").Append(value.Number).Append(' ').Append(value.Name);
        }

        return text.ToString();
    }
}
