namespace Fleethold.Server.Configuration.Yaml;

/// <summary>A place in a file; line and column count from 1.</summary>
internal readonly record struct Position(int Line, int Column);

/// <summary>A node of a YAML document with its place. Aliases share the node of their anchor, so a tree may be a graph, without cycles.</summary>
internal abstract class YamlNode(Position at)
{
    public Position At { get; } = at;
}

/// <summary>A scalar.</summary>
/// <param name="at">Where it starts.</param>
/// <param name="text">Its text.</param>
/// <param name="isPlain">Written without quotes, so that it may mean null, a number or a switch.</param>
internal sealed class YamlScalar(Position at, string text, bool isPlain) : YamlNode(at)
{
    public string Text { get; } = text;

    public bool IsPlain { get; } = isPlain;

    public bool IsNull => IsPlain && Text is ("" or "~" or "null" or "Null" or "NULL");
}

/// <summary>A sequence.</summary>
internal sealed class YamlSequence(Position at, IReadOnlyList<YamlNode> items) : YamlNode(at)
{
    public IReadOnlyList<YamlNode> Items { get; } = items;
}

/// <summary>A mapping; keys are scalars and unique.</summary>
internal sealed class YamlMapping(Position at, IReadOnlyList<YamlEntry> entries) : YamlNode(at)
{
    public IReadOnlyList<YamlEntry> Entries { get; } = entries;
}

/// <summary>A key and its value.</summary>
internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
