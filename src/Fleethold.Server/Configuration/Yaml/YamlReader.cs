using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fleethold.Server.Configuration.Yaml;

/// <summary>
/// Reads one YAML document into nodes with places, in bounded time and memory: an alias costs a reference, never a copy,
/// and size, nesting, nodes and merges are limited.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxDepth = 32;
    private const int MaxNodes = 50_000;
    private const int MaxMergedEntries = 10_000;

    private readonly IParser _parser;
    private readonly string _file;
    private readonly ProblemList _problems;
    private readonly Dictionary<string, YamlNode?> _anchors = new(StringComparer.Ordinal);
    private int _nodes;
    private int _merged;

    private YamlReader(IParser parser, string file, ProblemList problems) => (_parser, _file, _problems) = (parser, file, problems);

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="bytes">Its content.</param>
    /// <param name="problems">Gets what is wrong.</param>
    /// <returns>The mapping at the top; null when the file is empty or can't be read, which is then among the problems.</returns>
    public static YamlMapping? Read(string file, ReadOnlySpan<byte> bytes, ProblemList problems)
    {
        if (bytes.Length > MaxBytes)
        {
            problems.Add(file, null, $"has {bytes.Length} bytes, more than the {MaxBytes} allowed", "split it or remove what isn't configuration");
            return null;
        }

        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
            return new YamlReader(new Parser(new Scanner(new StringReader(text), skipComments: true)), file, problems).Document();
        }
        catch (DecoderFallbackException)
        {
            problems.Add(file, null, "isn't UTF-8 text", "save it as UTF-8");
        }
        catch (YamlStopException stop)
        {
            problems.Add(Place(file, stop.At), null, stop.Message, stop.Remedy);
        }
        catch (YamlException exception)
        {
            var at = PlaceOf(exception, bytes);
            problems.Add(Place(file, at), null, $"isn't valid YAML: {Sentence(exception.Message)}", "check indentation, quotes and brackets there");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The parser must not be the reason that a broken file ends the process with a stack trace.
            problems.Add(file, null, "isn't valid YAML", "check indentation, quotes and brackets");
        }

        return null;
    }

    /// <summary>A place in a file as messages show it.</summary>
    public static string Place(string file, Position at) => $"{file}:{at.Line}:{at.Column}";

    // Where the parser complains of a tab, it names the line before or an earlier one.
    private static Position PlaceOf(YamlException exception, ReadOnlySpan<byte> bytes)
    {
        var at = new Position((int)exception.Start.Line, (int)exception.Start.Column);
        if (!exception.Message.Contains(" tab ", StringComparison.Ordinal))
        {
            return at;
        }

        var line = 0;
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var text = bytes[range];
            var tab = text.IndexOf((byte)'\t');
            if (++line >= at.Line && tab >= 0 && !text[..tab].ContainsAnyExcept((byte)' '))
            {
                return new Position(line, tab + 1);
            }
        }

        return at;
    }

    private static string Sentence(string message)
    {
        message = message.TrimEnd('.', ' ');
        return message.Length == 0 ? "syntax error" : Problem.Shown(char.ToLowerInvariant(message[0]) + message[1..]);
    }

    private static Position Start(ParsingEvent parsed) => new((int)parsed.Start.Line, (int)parsed.Start.Column);

    private YamlMapping? Document()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = Node(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second) && !IsEmpty(_parser.Current))
        {
            throw new YamlStopException(Start(second), "a second document starts here, which would be ignored",
                "put one document into each file and give several files");
        }

        switch (root)
        {
            case YamlMapping mapping:
                return mapping;
            case YamlScalar { IsNull: true }:
                return null;
            default:
                throw new YamlStopException(root.At, "the file must hold a mapping of keys", "start it with a key such as 'account:'");
        }
    }

    private static bool IsEmpty(ParsingEvent? parsed) => parsed is Scalar { Value: "", Style: ScalarStyle.Plain };

    private YamlNode Node(int depth)
    {
        var parsed = _parser.Current ?? throw new YamlStopException(new Position(1, 1), "the file ends too early", "complete it");
        var at = Start(parsed);
        if (depth > MaxDepth)
        {
            throw new YamlStopException(at, $"nesting is deeper than {MaxDepth} levels", "no key is nested that deep: check the indentation");
        }

        if (++_nodes > MaxNodes)
        {
            throw new YamlStopException(at, $"the file has more than {MaxNodes} values", "remove what isn't configuration");
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return _anchors.TryGetValue(alias.Value.Value, out var anchored)
                ? anchored ?? throw new YamlStopException(at, $"the alias {Problem.Shown(alias.Value.Value)} refers to what it is in", "write the value out")
                : throw new YamlStopException(at, $"the alias {Problem.Shown(alias.Value.Value)} has no anchor before it", "define it first, with &");
        }

        var anchor = (parsed as NodeEvent)?.Anchor is { IsEmpty: false } name ? name.Value : null;
        if (anchor is not null)
        {
            _anchors[anchor] = null;
        }

        var node = Content(at, depth);
        if (anchor is not null)
        {
            _anchors[anchor] = node;
        }

        return node;
    }

    private YamlNode Content(Position at, int depth)
    {
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            var isText = scalar.Style != ScalarStyle.Plain || scalar.Tag is { IsEmpty: false, Value: "tag:yaml.org,2002:str" };
            return new YamlScalar(at, scalar.Value, !isText);
        }

        if (_parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<YamlNode>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node(depth + 1));
            }

            return new YamlSequence(at, items);
        }

        _parser.Consume<MappingStart>();
        return Mapping(at, depth);
    }

    private YamlMapping Mapping(Position at, int depth)
    {
        var entries = new List<YamlEntry>();
        var seen = new Dictionary<string, Position>(StringComparer.Ordinal);
        var merges = new List<YamlNode>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (Node(depth + 1) is not YamlScalar key)
            {
                throw new YamlStopException(at, "a key of this mapping isn't a plain text", "write keys as words");
            }

            var value = Node(depth + 1);
            if (key is { IsPlain: true, Text: "<<" })
            {
                merges.Add(value);
            }
            else if (seen.TryAdd(key.Text, key.At))
            {
                entries.Add(new YamlEntry(key, value));
            }
            else
            {
                _problems.Add(Place(_file, key.At), null,
                    $"the key '{Problem.Shown(key.Text)}' is there twice, first in line {seen[key.Text].Line}", "keep one of them");
            }
        }

        foreach (var merge in merges)
        {
            Merge(merge, entries, seen);
        }

        return new YamlMapping(at, entries);
    }

    // YAML's merge key: entries of the other mapping that this one doesn't have itself.
    private void Merge(YamlNode merge, List<YamlEntry> entries, Dictionary<string, Position> seen)
    {
        foreach (var source in merge is YamlSequence sequence ? sequence.Items : [merge])
        {
            if (source is not YamlMapping mapping)
            {
                throw new YamlStopException(source.At, "'<<' needs a mapping or a list of mappings", "refer to a mapping with *name");
            }

            if ((_merged += mapping.Entries.Count + 1) > MaxMergedEntries)
            {
                throw new YamlStopException(source.At, $"'<<' merges more than {MaxMergedEntries} keys", "write them out or remove some");
            }

            entries.AddRange(mapping.Entries.Where(entry => seen.TryAdd(entry.Key.Text, entry.Key.At)));
        }
    }

    private sealed class YamlStopException(Position at, string message, string remedy) : Exception(message)
    {
        public Position At { get; } = at;

        public string Remedy { get; } = remedy;
    }
}
