using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Cli.Documents;

/// <summary>A YAML document that a person wrote, ready to be sent.</summary>
/// <param name="Resource">The resource with both forms of its spec.</param>
/// <param name="NamesFinalizers">Whether the document says which finalizers the resource has.</param>
internal sealed record AppliedDocument(Wire.Resource Resource, bool NamesFinalizers)
{
    /// <summary>Reads all documents of a text; empty ones are left out.</summary>
    /// <exception cref="CommandFailure">The text is no YAML, or a document is no resource of a known kind.</exception>
    public static IReadOnlyList<AppliedDocument> ReadAll(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
            return [.. stream.Documents.Select(document => document.RootNode).Where(root => root is not YamlScalarNode { Value: null or "" }).Select(Read)];
        }
        catch (YamlException broken)
        {
            throw new CommandFailure($"yaml: line {broken.Start.Line}, column {broken.Start.Column}: {broken.Message}");
        }
    }

    private static AppliedDocument Read(YamlNode root) => throw new CommandFailure($"not implemented: {root.Start}");
}
