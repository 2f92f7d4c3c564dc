using System.Collections.Concurrent;
using Google.Protobuf.Reflection;

namespace Fleethold.Resources.Wire;

/// <summary>
/// What the text forms need to know of a spec message, worked out once per message type: its fields in declaration order with their names.
/// </summary>
internal sealed class SpecShape
{
    private static readonly ConcurrentDictionary<MessageDescriptor, SpecShape> Known = new();

    private readonly Dictionary<string, SpecField> _byYamlName;
    private readonly Dictionary<string, SpecField> _byJsonName;

    private SpecShape(MessageDescriptor message)
    {
        Message = message;
        Fields = [.. message.Fields.InDeclarationOrder().Select(field => new SpecField(field))];
        _byYamlName = Fields.ToDictionary(field => field.YamlName, StringComparer.Ordinal);
        _byJsonName = new Dictionary<string, SpecField>(StringComparer.Ordinal);
        foreach (var field in Fields)
        {
            _byJsonName[field.Descriptor.Name] = field;
            _byJsonName[field.Descriptor.JsonName] = field;
        }
    }

    /// <summary>The message.</summary>
    public MessageDescriptor Message { get; }

    /// <summary>The fields in the order of the .proto file.</summary>
    public SpecField[] Fields { get; }

    /// <summary>The shape of a message type.</summary>
    public static SpecShape Of(MessageDescriptor message) => Known.GetOrAdd(message, static message => new SpecShape(message));

    /// <summary>A field by its key in YAML; null when there is none.</summary>
    public SpecField? ByYamlName(string name) => _byYamlName.GetValueOrDefault(name);

    /// <summary>A field by either of its names in JSON; null when there is none.</summary>
    public SpecField? ByJsonName(string name) => _byJsonName.GetValueOrDefault(name);
}

/// <summary>One field of a spec message.</summary>
internal sealed class SpecField
{
    private const string Definition = "cosi.resource.meta.ResourceDefinitionSpec";

    private SpecShape? _shape;

    public SpecField(FieldDescriptor field)
    {
        Descriptor = field;
        Oneof = field.RealContainingOneof;
        YamlName = YamlNameOf(field);
        YamlKey = System.Text.Encoding.UTF8.GetBytes(YamlName + ":");
        JsonKey = "\"" + field.Name + "\":";
        OneofKey = Oneof is null ? [] : System.Text.Encoding.UTF8.GetBytes(Lower(Oneof.Name) + ":");
        // The text form of these has the plain patches only.
        HiddenInYaml = field is { ContainingType.FullName: "specs.ClusterMachineConfigPatchesSpec", Name: "compressed_patches" };
        OnlyWhenSet = field is { ContainingType.FullName: "cosi.resource.meta.ResourceDefinitionSpec", Name: "sensitivity" };
        (MapKey, MapValue) = field.IsMap
            ? (new SpecField(field.MessageType.FindFieldByNumber(1)), new SpecField(field.MessageType.FindFieldByNumber(2)))
            : (null, null);
    }

    public FieldDescriptor Descriptor { get; }

    public IFieldAccessor Accessor => Descriptor.Accessor;

    public FieldType Type => Descriptor.FieldType;

    /// <summary>The oneof that the field is a member of; null for others and for optional fields.</summary>
    public OneofDescriptor? Oneof { get; }

    /// <summary>The key in YAML: the name in lower case without separators.</summary>
    public string YamlName { get; }

    /// <summary>The key in YAML with its colon.</summary>
    public byte[] YamlKey { get; }

    /// <summary>The key of the oneof in YAML with its colon.</summary>
    public byte[] OneofKey { get; }

    /// <summary>The key in JSON with quotes and colon.</summary>
    public string JsonKey { get; }

    public bool HiddenInYaml { get; }

    /// <summary>Left out of the YAML while it has its zero value.</summary>
    public bool OnlyWhenSet { get; }

    /// <summary>True for the one enum that YAML shows as a word, and only when it is set.</summary>
    public bool IsWordInYaml => Descriptor is { ContainingType.FullName: Definition, FieldType: FieldType.Enum };

    public SpecField? MapKey { get; }

    public SpecField? MapValue { get; }

    /// <summary>The shape of the field's message.</summary>
    public SpecShape Shape => _shape ??= SpecShape.Of(Descriptor.MessageType);

    /// <summary>A name of a .proto file as a key of YAML.</summary>
    public static string Lower(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    // The specs whose YAML upstream writes by hand, with names of its own.
    private static string YamlNameOf(FieldDescriptor field) => (field.ContainingType.FullName, field.Name) switch
    {
        ("specs.ClusterMachineSpec", "kubernetes_version") => field.Name,
        (Definition, "resource_type") => "type",
        (Definition or Definition + ".PrintColumn", _) => field.JsonName,
        _ => Lower(field.Name),
    };
}
