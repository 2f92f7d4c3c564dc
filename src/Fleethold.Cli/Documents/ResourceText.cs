using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Resource = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Cli.Documents;

/// <summary>
/// The YAML document of a resource as the server sent it (reference/resources.md 1.3). The spec is the server's own text,
/// so that kinds and fields which this client doesn't know are shown too.
/// </summary>
internal static class ResourceText
{
    /// <summary>The document, ending with a line end.</summary>
    /// <exception cref="CommandFailure">The server sent broken metadata.</exception>
    public static string Yaml(Resource resource)
    {
        // Only the metadata is read here; the spec of a known kind would be decoded, and written without what is new in it.
        var bare = new Resource { Metadata = resource.Metadata, Spec = new Spec() };
        return ResourceCodec.FromProto(bare).Succeeded(out var read, out var fault)
            ? ResourceYaml.Render(new OpaqueResource(read.Metadata, ReadOnlyMemory<byte>.Empty, resource.Spec?.YamlSpec ?? ""))
            : throw new CommandFailure($"the server sent a resource that can't be read: {fault.Message}");
    }

    /// <summary>The document as values.</summary>
    /// <exception cref="CommandFailure">The server sent broken metadata.</exception>
    public static Dictionary<string, object?> Document(Resource resource) =>
        (Dictionary<string, object?>)YamlValue.Read(Yaml(resource))!;
}
