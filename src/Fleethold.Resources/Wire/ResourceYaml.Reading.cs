using System.Globalization;

namespace Fleethold.Resources.Wire;

public static partial class ResourceYaml
{
    /// <summary>
    /// Reads the resources that a person wrote, one per document. Left out, the version is undefined, the phase running and the owner empty.
    /// </summary>
    /// <returns>A <see cref="Fault.Invalid"/> that gives line and column when a document isn't metadata and spec, the type isn't registered, a key of the spec
    /// is unknown or a value has the wrong type. Unknown keys of the metadata are ignored, as upstream does.</returns>
    public static Outcome<IReadOnlyList<Resources.Resource>> Parse(string text)
    {
        try
        {
            return Outcome<IReadOnlyList<Resources.Resource>>.Of([.. YamlTree.Parse(text).Select(ReadResource)]);
        }
        catch (InputException invalid)
        {
            return new Fault.Invalid(invalid.Message);
        }
    }

    private static Resources.Resource ReadResource(YamlPart document)
    {
        if (document is not YamlMap map)
            throw document.Complaint("a resource is a mapping with the keys metadata and spec");

        YamlPart? metadataPart = null, specPart = null;
        foreach (var (key, value) in map.Entries)
        {
            switch (key.Text)
            {
                case "metadata":
                    metadataPart = value;
                    break;
                case "spec":
                    specPart = value;
                    break;
                default:
                    throw key.Complaint($"a resource has the keys metadata and spec, not {GoText.Quote(key.Text)}");
            }
        }

        if (metadataPart is not YamlMap metadataMap)
            throw (metadataPart ?? document).Complaint("metadata is missing or no mapping");

        if (specPart is null)
            throw document.Complaint("spec is missing; write \"spec: {}\" for an empty one");

        var metadata = ReadMetadata(metadataMap);
        if (Kinds.Find(metadata.Type) is not { } kind)
            throw metadataMap.Complaint($"no resource is registered for the resource type {metadata.Type}");

        if (kind.Spec is not { } type)
            return kind.Wrap(metadata, ReadOnlyMemory<byte>.Empty, "{}\n");

        var spec = SpecYamlReader.Read(specPart, type, "spec");
        if (!CompressedText.Expand(spec).Succeeded(out var plain, out var fault))
            throw specPart.Complaint(fault.Message);

        CompressedText.Pack(plain);
        return kind.Wrap(metadata, plain);
    }

    private static Resources.Metadata ReadMetadata(YamlMap map)
    {
        var texts = new Dictionary<string, YamlText>(StringComparer.Ordinal);
        StringMap labels = StringMap.Empty, annotations = StringMap.Empty;
        List<string> finalizers = [];
        foreach (var (key, value) in map.Entries)
        {
            switch (key.Text)
            {
                case "labels":
                    labels = ReadMap(value, "metadata.labels");
                    break;
                case "annotations":
                    annotations = ReadMap(value, "metadata.annotations");
                    break;
                case "finalizers":
                    finalizers = ReadList(value, "metadata.finalizers");
                    break;
                case "namespace" or "type" or "id" or "version" or "owner" or "phase" or "created" or "updated":
                    texts[key.Text] = value as YamlText ?? throw value.Complaint($"metadata.{key.Text} must be a scalar");
                    break;
                default:
                    break;
            }
        }

        var reader = new MetadataReader
        {
            Namespace = Text("namespace", ""),
            Type = Required("type"),
            Id = Required("id"),
            Version = Text("version", "undefined"),
            Owner = Text("owner", ""),
            Phase = Text("phase", "running"),
            Created = Time("created"),
            Updated = Time("updated"),
        };
        if (!reader.ToMetadata().Succeeded(out var metadata, out var fault))
            throw map.Complaint(fault.Message);

        return metadata with { Labels = labels, Annotations = annotations, Finalizers = [.. finalizers] };

        string Text(string key, string missing) => texts.TryGetValue(key, out var part) && part.Text.Length > 0 ? part.Text : missing;

        string Required(string key) => Text(key, "") is { Length: > 0 } text ? text : throw map.Complaint($"metadata.{key} is missing");

        Instant Time(string key)
        {
            if (Text(key, "") is not { Length: > 0 } text)
                return Instant.Zero;

            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? Instant.FromDateTimeOffset(time)
                : throw texts[key].Complaint($"metadata.{key} must be a time like 2026-01-31T12:00:00Z, not {GoText.Quote(text)}");
        }
    }

    private static StringMap ReadMap(YamlPart part, string path) => part switch
    {
        YamlText { IsNull: true } => StringMap.Empty,
        YamlMap map => StringMap.From(map.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, ScalarText(entry.Value, $"{path}.{entry.Key.Text}")))),
        _ => throw part.Complaint($"{path} must be a mapping"),
    };

    private static List<string> ReadList(YamlPart part, string path) => part switch
    {
        YamlText { IsNull: true } => [],
        YamlList list => [.. list.Items.Select(item => ScalarText(item, path))],
        _ => throw part.Complaint($"{path} must be a list"),
    };

    private static string ScalarText(YamlPart part, string path) => part is YamlText scalar ? scalar.Text : throw part.Complaint($"{path} must be a scalar");
}
