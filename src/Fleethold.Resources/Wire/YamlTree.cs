using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fleethold.Resources.Wire;

/// <summary>A part of a YAML document that a person wrote, with its place for messages.</summary>
internal abstract record YamlPart(long Line, long Column)
{
    /// <summary>A complaint about this part, with its place.</summary>
    public InputException Complaint(string what) => new($"{Line}:{Column}: {what}");
}

/// <summary>A scalar; plain ones may be taken for other than a text.</summary>
internal sealed record YamlText(long Line, long Column, string Text, ScalarStyle Style, string Tag) : YamlPart(Line, Column)
{
    /// <summary>True when the text has neither quotes nor a tag.</summary>
    public bool IsPlain => Style == ScalarStyle.Plain && Tag.Length == 0;

    /// <summary>True when the text is base64 of bytes.</summary>
    public bool IsBinary => Tag == "tag:yaml.org,2002:binary";

    /// <summary>True for the words that mean no value.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>A sequence.</summary>
internal sealed record YamlList(long Line, long Column, List<YamlPart> Items) : YamlPart(Line, Column);

/// <summary>A mapping whose keys are scalars, each once.</summary>
internal sealed record YamlMap(long Line, long Column, List<(YamlText Key, YamlPart Value)> Entries) : YamlPart(Line, Column);

/// <summary>What a person wrote can't be used; the message says where and why.</summary>
internal sealed class InputException(string message) : Exception(message);

/// <summary>
/// Reads YAML into parts, within limits: of size, of depth, and without aliases, by which a small text could stand for a huge one.
/// </summary>
internal static class YamlTree
{
    /// <summary>The largest text, in characters.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private const int MaxDepth = 100;

    /// <summary>The documents of a text; empty ones are left out.</summary>
    /// <exception cref="InputException">The text is no YAML or breaks a limit.</exception>
    public static List<YamlPart> Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new InputException($"the YAML has {text.Length} characters; at most {MaxLength} are accepted");

        try
        {
            var parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
            var documents = new List<YamlPart>();
            parser.MoveNext();
            while (parser.MoveNext() && parser.Current is not StreamEnd)
            {
                // DocumentStart, the content, DocumentEnd.
                parser.MoveNext();
                var document = Read(parser, 0);
                parser.MoveNext();
                if (document is not YamlText { IsNull: true })
                    documents.Add(document);
            }

            return documents;
        }
        catch (YamlException invalid)
        {
            throw new InputException($"{invalid.Start.Line}:{invalid.Start.Column}: {invalid.Message}");
        }
        catch (Exception failed) when (failed is ArgumentException or InvalidOperationException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw new InputException("the YAML can't be read: " + failed.Message);
        }
    }

    // On return the parser stands on the last event of the part.
    private static YamlPart Read(Parser parser, int depth)
    {
        var current = parser.Current ?? throw new InputException("the YAML ends too early");
        var (line, column) = (current.Start.Line, current.Start.Column);
        if (depth > MaxDepth)
            throw new InputException($"{line}:{column}: the YAML is nested more than {MaxDepth} times");

        switch (current)
        {
            case Scalar scalar:
                return new YamlText(line, column, scalar.Value, StyleOf(scalar), scalar.Tag.IsEmpty ? "" : scalar.Tag.Value);

            case SequenceStart:
                var items = new List<YamlPart>();
                while (parser.MoveNext() && parser.Current is not SequenceEnd)
                    items.Add(Read(parser, depth + 1));

                return new YamlList(line, column, items);

            case MappingStart:
                var entries = new List<(YamlText, YamlPart)>();
                var seen = new HashSet<string>(StringComparer.Ordinal);
                while (parser.MoveNext() && parser.Current is not MappingEnd)
                {
                    var start = parser.Current!.Start;
                    if (Read(parser, depth + 1) is not YamlText key)
                        throw new InputException($"{start.Line}:{start.Column}: a key must be a scalar");

                    if (!seen.Add(key.Text))
                        throw key.Complaint($"the key {GoText.Quote(key.Text)} is there twice");

                    parser.MoveNext();
                    entries.Add((key, Read(parser, depth + 1)));
                }

                return new YamlMap(line, column, entries);

            default:
                throw new InputException($"{line}:{column}: aliases aren't accepted here; write the value out");
        }
    }

    private static ScalarStyle StyleOf(Scalar scalar) => scalar.Style switch
    {
        YamlDotNet.Core.ScalarStyle.SingleQuoted => ScalarStyle.SingleQuoted,
        YamlDotNet.Core.ScalarStyle.DoubleQuoted => ScalarStyle.DoubleQuoted,
        YamlDotNet.Core.ScalarStyle.Literal or YamlDotNet.Core.ScalarStyle.Folded => ScalarStyle.Literal,
        _ => ScalarStyle.Plain,
    };
}
