using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Resource = Fleethold.Resources.Wire.Resource;

namespace Fleethold.Cli.Documents;

/// <summary>Resources that a person wrote, ready to be sent.</summary>
internal static class WrittenResources
{
    /// <summary>
    /// Reads all documents of a text. The spec is checked against the wire contract and both of its forms are filled.
    /// Without a namespace it is the kind's own.
    /// </summary>
    /// <exception cref="CommandFailure">The text is no YAML, or a document is no resource of a known kind; line and column are told.</exception>
    public static IReadOnlyList<Resource> Read(string text)
    {
        if (!ResourceYaml.Parse(text).Succeeded(out var resources, out var fault))
        {
            throw new CommandFailure($"yaml: {fault.Message}");
        }

        var written = resources.Select(ResourceCodec.ToProto).ToArray();
        foreach (var resource in written.Where(resource => resource.Metadata.Namespace.Length == 0))
        {
            resource.Metadata.Namespace = Kinds.Find(resource.Metadata.Type)!.Namespace;
        }

        return written;
    }
}
