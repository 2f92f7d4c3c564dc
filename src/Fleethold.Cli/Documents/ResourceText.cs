using System.Text;
using Fleethold.Resources;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Cli.Documents;

/// <summary>
/// The YAML document of a resource as the server sent it (reference/resources.md 1.3). The spec is the server's own text,
/// so that kinds this client doesn't know are shown too.
/// </summary>
internal static class ResourceText
{
    /// <summary>The document, ending with a line end.</summary>
    public static string Yaml(Wire.Resource resource)
    {
        var text = new StringBuilder();
        WriteMetadata(text, resource.Metadata);
        var spec = resource.Spec?.YamlSpec ?? "";
        if (IsBlock(spec))
        {
            text.Append("spec:\n");
            foreach (var line in spec.TrimEnd('\n').Split('\n'))
            {
                text.Append(line.Length == 0 ? "" : "    ").Append(line).Append('\n');
            }
        }
        else
        {
            text.Append("spec: ").Append(spec.Trim() is { Length: > 0 } value ? value : "{}").Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The document as values.</summary>
    public static Dictionary<string, object?> Document(Wire.Resource resource) =>
        (Dictionary<string, object?>)YamlValue.Read(Yaml(resource))!;

    private static void WriteMetadata(StringBuilder text, Wire.Metadata metadata)
    {
        text.Append("metadata:\n");
        Line(text, "namespace", metadata.Namespace);
        Line(text, "type", metadata.Type);
        Line(text, "id", metadata.Id);
        Line(text, "version", metadata.Version);
        Line(text, "owner", metadata.Owner);
        Line(text, "phase", metadata.Phase);
        Line(text, "created", Instant.FromTimestamp(metadata.Created).ToString());
        Line(text, "updated", Instant.FromTimestamp(metadata.Updated).ToString());
        Map(text, "labels", metadata.Labels);
        Map(text, "annotations", metadata.Annotations);
        if (metadata.Finalizers.Count > 0)
        {
            text.Append("    finalizers:\n");
            foreach (var finalizer in metadata.Finalizers)
            {
                text.Append("        - ").Append(finalizer).Append('\n');
            }
        }
    }

    private static void Map(StringBuilder text, string name, IEnumerable<KeyValuePair<string, string>> map)
    {
        var pairs = map.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        if (pairs.Length > 0)
        {
            text.Append("    ").Append(name).Append(":\n");
            foreach (var (key, value) in pairs)
            {
                text.Append("    ");
                Line(text, key, value);
            }
        }
    }

    private static void Line(StringBuilder text, string key, string value) =>
        text.Append("    ").Append(key).Append(value.Length > 0 ? ": " : ":").Append(value).Append('\n');

    private static bool IsBlock(string spec) =>
        spec.Trim() is { Length: > 0 } text && text[0] is not ('{' or '[') && (text.Contains(": ", StringComparison.Ordinal) || text.Contains(":\n", StringComparison.Ordinal) || text.EndsWith(':') || text.StartsWith("- ", StringComparison.Ordinal));
}
