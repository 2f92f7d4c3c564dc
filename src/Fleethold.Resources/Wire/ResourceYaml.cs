namespace Fleethold.Resources.Wire;

/// <summary>
/// A whole resource as a YAML document, as people see and write it (reference/resources.md 1.3): <c>metadata</c>, then <c>spec</c>.
/// </summary>
public static partial class ResourceYaml
{
    // Where omnictl folds long texts of one line; the spec alone, as the State service sends it, isn't folded.
    private const int Width = 80;
    private const int Unit = 4;

    /// <summary>The document as <c>omnictl get -o yaml</c> prints it, long texts of one line folded.</summary>
    /// <exception cref="Google.Protobuf.InvalidProtocolBufferException">The stored spec is damaged.</exception>
    public static string Render(Resources.Resource resource) => Render(resource, Width);

    /// <summary>The document with every text of one line on one line, as the server itself writes YAML; for comparing and searching.</summary>
    /// <exception cref="Google.Protobuf.InvalidProtocolBufferException">The stored spec is damaged.</exception>
    public static string RenderUnfolded(Resources.Resource resource) => Render(resource, int.MaxValue);

    private static string Render(Resources.Resource resource, int width)
    {
        var buffer = YamlBuffer.Rent(width);
        try
        {
            buffer.Raw("metadata:"u8);
            WriteMetadata(buffer, resource.Metadata);
            buffer.BeginLine(0);
            buffer.Raw("spec:"u8);
            if (resource is OpaqueResource opaque)
                OpaqueYaml.WriteNested(buffer, opaque.Yaml, Unit);
            else
                SpecYaml.WriteNested(buffer, resource.SpecMessage!, Unit);

            buffer.End();
            return buffer.ToString();
        }
        finally
        {
            buffer.Return();
        }
    }

    private static void WriteMetadata(YamlBuffer buffer, Resources.Metadata metadata)
    {
        Entry(buffer, "namespace:"u8, metadata.Namespace);
        Entry(buffer, "type:"u8, metadata.Type);
        Entry(buffer, "id:"u8, metadata.Id);
        Entry(buffer, "version:"u8, metadata.Version.ToString());
        Entry(buffer, "owner:"u8, metadata.Owner);
        Entry(buffer, "phase:"u8, metadata.Phase.ToWire());
        Entry(buffer, "created:"u8, metadata.Created.ToString());
        Entry(buffer, "updated:"u8, metadata.Updated.ToString());
        Map(buffer, "labels:"u8, metadata.Labels);
        Map(buffer, "annotations:"u8, metadata.Annotations);
        if (metadata.Finalizers.Length == 0)
            return;

        buffer.BeginLine(Unit);
        buffer.Raw("finalizers:"u8);
        foreach (var finalizer in metadata.Finalizers)
        {
            buffer.BeginLine(2 * Unit);
            buffer.Raw("-"u8);
            Value(buffer, finalizer, 2 * Unit + 2);
        }
    }

    private static void Map(YamlBuffer buffer, ReadOnlySpan<byte> key, StringMap map)
    {
        if (map.Count == 0)
            return;

        buffer.BeginLine(Unit);
        buffer.Raw(key);
        foreach (var (name, value) in map.Pairs)
        {
            buffer.BeginLine(2 * Unit);
            buffer.Key(name, 2 * Unit, YamlScalar.OfMetadata);
            Value(buffer, value, 3 * Unit);
        }
    }

    private static void Entry(YamlBuffer buffer, ReadOnlySpan<byte> key, string value)
    {
        buffer.BeginLine(Unit);
        buffer.Raw(key);
        Value(buffer, value, 2 * Unit);
    }

    private static void Value(YamlBuffer buffer, string value, int indent)
    {
        if (value.Length == 0)
            return;

        buffer.Raw(" "u8);
        buffer.Scalar(value, YamlScalar.OfMetadata(value, asKey: false), indent);
    }
}
