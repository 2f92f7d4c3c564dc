using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Fleethold.Cli.JsonPath;

/// <summary>
/// Reads a Kubernetes JSONPath template: text with paths in braces, <c>range</c> and <c>end</c>, quoted text, filters.
/// </summary>
internal sealed class TemplateParser
{
    private const int MaxDepth = 32;

    private readonly string _text;
    private readonly int _depth;
    private int _position;

    private TemplateParser(string text, int depth) => (_text, _depth) = (text, depth);

    /// <summary>Reads a whole template.</summary>
    /// <exception cref="TemplateException">The text isn't a template.</exception>
    public static ImmutableArray<Node> Parse(string text) => new TemplateParser(text, 0).Template(inRange: false);

    private bool AtEnd => _position >= _text.Length;

    private char Current => _text[_position];

    private ImmutableArray<Node> Template(bool inRange)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>();
        while (!AtEnd)
        {
            var open = _text.IndexOf('{', _position);
            if (open != _position)
            {
                var until = open < 0 ? _text.Length : open;
                nodes.Add(new Node.Text(_text[_position..until]));
                _position = until;
                continue;
            }

            _position++;
            if (Action(nodes))
            {
                return inRange ? nodes.ToImmutable() : throw new TemplateException("not in range, nothing to end");
            }
        }

        return inRange ? throw new TemplateException("unterminated range: {end} is missing") : nodes.ToImmutable();
    }

    /// <summary>Reads up to the closing brace. True when it was the end of a range.</summary>
    private bool Action(ImmutableArray<Node>.Builder nodes)
    {
        while (true)
        {
            SkipBlanks();
            if (AtEnd)
            {
                throw new TemplateException("unclosed action: a closing brace is missing");
            }

            if (Current == '}')
            {
                _position++;
                return false;
            }

            switch (Current)
            {
                case '"' or '\'':
                    nodes.Add(new Node.Text(Quoted()));
                    break;
                case '$' or '@' or '.' or '[':
                    nodes.Add(new Node.Path(Steps()));
                    break;
                case '+' or '-' or (>= '0' and <= '9'):
                    nodes.Add(new Node.Literal(Number()));
                    break;
                default:
                    var word = Word();
                    if (word == "range")
                    {
                        nodes.Add(Range());
                        return false;
                    }

                    if (word != "end")
                    {
                        throw new TemplateException(word.Length > 0
                            ? $"unrecognized identifier {word}: a path starts with a dot"
                            : $"unrecognized character in action: {Current}");
                    }

                    SkipBlanks();
                    Expect('}');
                    return true;
            }
        }
    }

    private Node.Range Range()
    {
        if (_depth >= MaxDepth)
        {
            throw new TemplateException($"ranges are nested more than {MaxDepth} deep");
        }

        SkipBlanks();
        var over = Steps();
        SkipBlanks();
        Expect('}');
        var inner = new TemplateParser(_text, _depth + 1) { _position = _position };
        var body = inner.Template(inRange: true);
        _position = inner._position;
        return new Node.Range(over, body);
    }

    private ImmutableArray<Step> Steps()
    {
        var steps = ImmutableArray.CreateBuilder<Step>();
        if (!AtEnd && Current is '$' or '@')
        {
            _position++;
        }

        while (!AtEnd)
        {
            if (Current == '[')
            {
                steps.Add(Bracket());
            }
            else if (Current == '.')
            {
                _position++;
                if (!AtEnd && Current == '.')
                {
                    // The second dot is left for the field that may follow.
                    steps.Add(new Step.Recursive());
                    if (_position + 1 < _text.Length && _text[_position + 1] == '[')
                    {
                        _position++;
                    }
                }
                else if (!AtEnd && Current == '*')
                {
                    _position++;
                    steps.Add(new Step.Wildcard());
                }
                else if (FieldName() is { Length: > 0 } name)
                {
                    steps.Add(new Step.Field(name));
                }
            }
            else
            {
                break;
            }
        }

        return steps.ToImmutable();
    }

    private string FieldName()
    {
        var name = new StringBuilder();
        while (!AtEnd && Current is not (' ' or ',' or '.' or '[' or ']' or '{' or '}' or '\t' or '\n' or '=' or '!' or '<' or '>' or ')'))
        {
            if (Current == '\\' && _position + 1 < _text.Length)
            {
                _position++;
            }

            name.Append(Current);
            _position++;
        }

        return name.ToString();
    }

    private Step Bracket()
    {
        var content = BracketContent();
        if (content == "*")
        {
            return new Step.Wildcard();
        }

        if (content.StartsWith("?(", StringComparison.Ordinal) && content.EndsWith(')'))
        {
            return Filter(content[2..^1]);
        }

        var parts = SplitOutsideQuotes(content, ',');
        if (parts.Count > 1)
        {
            return new Step.Union([.. parts.Select(part => ImmutableArray.Create(Single(part.Trim())))]);
        }

        return Single(content.Trim());
    }

    private static Step Single(string text)
    {
        if (text.Length >= 2 && text[0] is '\'' or '"' && text[^1] == text[0])
        {
            return new Step.Field(text[1..^1]);
        }

        var numbers = text.Split(':');
        if (numbers.Length > 3 || text.Length == 0)
        {
            throw new TemplateException($"invalid array index {text}");
        }

        var values = numbers.Select(part => part.Trim() is { Length: > 0 } number
            ? int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new TemplateException($"invalid array index {text}")
            : (int?)null).ToArray();
        return values.Length == 1
            ? new Step.Index(values[0]!.Value)
            : new Step.Slice(values[0], values[1], values.Length > 2 ? values[2] : null);
    }

    private Step.Filter Filter(string text)
    {
        if (_depth >= MaxDepth)
        {
            throw new TemplateException($"filters are nested more than {MaxDepth} deep");
        }

        var start = OperatorStart(text);
        if (start < 0)
        {
            return new Step.Filter(Operand(text), "exists", null);
        }

        var end = start;
        while (end < text.Length && text[end] is '=' or '!' or '<' or '>')
        {
            end++;
        }

        var comparison = text[start..end];
        if (comparison is not ("==" or "!=" or "<" or "<=" or ">" or ">="))
        {
            throw new TemplateException($"unrecognized filter operator {comparison}");
        }

        return new Step.Filter(Operand(text[..start]), comparison, Operand(text[end..]));
    }

    private Node Operand(string text)
    {
        var parser = new TemplateParser(text.Trim(), _depth + 1);
        if (parser.AtEnd)
        {
            throw new TemplateException("a filter lacks one of its sides");
        }

        Node operand = parser.Current switch
        {
            '"' or '\'' => new Node.Text(parser.Quoted()),
            '@' or '$' or '.' or '[' => new Node.Path(parser.Steps()),
            '+' or '-' or (>= '0' and <= '9') => new Node.Literal(parser.Number()),
            _ => parser.Word() switch
            {
                "true" => new Node.Literal(true),
                "false" => new Node.Literal(false),
                var word => throw new TemplateException($"unrecognized word {word} in a filter"),
            },
        };
        return parser.AtEnd ? operand : throw new TemplateException($"can't understand {text} in a filter");
    }

    private string BracketContent()
    {
        var start = ++_position;
        var depth = 1;
        char quote = '\0';
        for (; !AtEnd; _position++)
        {
            if (quote != '\0')
            {
                quote = Current == quote ? '\0' : quote;
            }
            else if (Current is '\'' or '"')
            {
                quote = Current;
            }
            else if (Current == '[')
            {
                depth++;
            }
            else if (Current == ']' && --depth == 0)
            {
                return _text[start.._position++];
            }
        }

        throw new TemplateException("unterminated array: a closing bracket is missing");
    }

    private static int OperatorStart(string text)
    {
        char quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            if (quote != '\0')
            {
                quote = text[i] == quote ? '\0' : quote;
            }
            else if (text[i] is '\'' or '"')
            {
                quote = text[i];
            }
            else if (text[i] is '=' or '!' or '<' or '>')
            {
                return i;
            }
        }

        return -1;
    }

    private static List<string> SplitOutsideQuotes(string text, char separator)
    {
        var parts = new List<string>();
        char quote = '\0';
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (quote != '\0')
            {
                quote = text[i] == quote ? '\0' : quote;
            }
            else if (text[i] is '\'' or '"')
            {
                quote = text[i];
            }
            else if (text[i] == separator)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    private string Quoted()
    {
        var quote = Current;
        var value = new StringBuilder();
        for (_position++; !AtEnd; _position++)
        {
            if (Current == quote)
            {
                _position++;
                return value.ToString();
            }

            if (Current == '\\' && _position + 1 < _text.Length)
            {
                _position++;
                value.Append(Current switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            }
            else
            {
                value.Append(Current);
            }
        }

        throw new TemplateException($"unterminated quoted string: a closing {quote} is missing");
    }

    private object Number()
    {
        var start = _position++;
        while (!AtEnd && Current is (>= '0' and <= '9') or '.' or 'e' or 'E')
        {
            _position++;
        }

        var text = _text[start.._position];
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? (object)whole
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real
            : throw new TemplateException($"cannot parse number {text}");
    }

    private string Word()
    {
        var start = _position;
        while (!AtEnd && (char.IsLetterOrDigit(Current) || Current == '_'))
        {
            _position++;
        }

        return _text[start.._position];
    }

    private void SkipBlanks()
    {
        while (!AtEnd && Current is ' ' or '\t' or '\n' or '\r')
        {
            _position++;
        }
    }

    private void Expect(char wanted)
    {
        if (AtEnd || Current != wanted)
        {
            throw new TemplateException($"expected {wanted} {(AtEnd ? "at the end" : $"instead of {Current}")}");
        }

        _position++;
    }
}
