using System.Text;

namespace Fleethold.Resources.Queries;

internal enum SelectorToken
{
    End,
    Word,
    In,
    NotIn,
    Not,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Comma,
    Open,
    Close,
    Broken,
}

/// <summary>
/// Cuts the text of a selector into tokens. Keys end at a blank, values don't: from an operator up to the comma after its value, a word
/// reaches to the next special character, with its trailing blanks. A NUL ends a word or an operator and is swallowed; where a token
/// should begin it ends the selector. All of it is what the original does.
/// </summary>
internal ref struct LabelSelectorLexer(ReadOnlySpan<char> text)
{
    private const string Special = "=!(),<>\"";
    private const string Blanks = " \t\r\n";

    private readonly ReadOnlySpan<char> _text = text;
    private int _position;
    private bool _inValue;
    private bool _inList;

    /// <summary>The next token and its text; for <see cref="SelectorToken.Broken"/> what is wrong.</summary>
    public SelectorToken Next(out string literal)
    {
        var start = _text[_position..].IndexOfAnyExcept(Blanks);
        _position = start < 0 ? _text.Length : _position + start;
        literal = "";
        if (_position == _text.Length || _text[_position] == '\0')
        {
            return SelectorToken.End;
        }

        var token = _text[_position] switch
        {
            '"' => Quoted(out literal),
            '(' or ')' or ',' or '=' or '!' or '<' or '>' => Symbol(out literal),
            _ => Word(out literal),
        };
        switch (token)
        {
            case SelectorToken.Open:
                _inList = true;
                break;
            case SelectorToken.Close:
                _inList = false;
                break;
            case SelectorToken.Comma:
                _inValue &= _inList;
                break;
            case >= SelectorToken.In and <= SelectorToken.GreaterOrEqual and not SelectorToken.Not:
                _inValue = true;
                break;
        }

        return token;
    }

    private SelectorToken Symbol(out string literal)
    {
        var rest = _text[_position..];
        literal = rest.Length > 1 && rest[1] == '=' && rest[0] is '=' or '!' or '<' or '>'
            ? rest[..2].ToString()
            : rest[..1].ToString();
        _position += literal.Length;
        SkipNul();
        return literal switch
        {
            "=" or "==" => SelectorToken.Equal,
            "!=" => SelectorToken.NotEqual,
            "!" => SelectorToken.Not,
            "<" => SelectorToken.Less,
            "<=" => SelectorToken.LessOrEqual,
            ">" => SelectorToken.Greater,
            ">=" => SelectorToken.GreaterOrEqual,
            "," => SelectorToken.Comma,
            "(" => SelectorToken.Open,
            _ => SelectorToken.Close,
        };
    }

    private SelectorToken Word(out string literal)
    {
        var rest = _text[_position..];
        var length = rest.IndexOfAny(_inValue ? Special + '\0' : Special + Blanks + '\0');
        literal = rest[..(length < 0 ? rest.Length : length)].ToString();
        _position += literal.Length;
        SkipNul();
        return literal switch { "in" => SelectorToken.In, "notin" => SelectorToken.NotIn, _ => SelectorToken.Word };
    }

    private SelectorToken Quoted(out string literal)
    {
        var content = new StringBuilder();
        for (_position++; _position < _text.Length; _position++)
        {
            switch (_text[_position])
            {
                case '"':
                    _position++;
                    literal = content.ToString();
                    return SelectorToken.Word;
                case '\\' when ++_position == _text.Length:
                    literal = "unterminated escape sequence in quoted string";
                    return SelectorToken.Broken;
                default:
                    content.Append(_text[_position]);
                    break;
            }
        }

        literal = "unterminated quoted string";
        return SelectorToken.Broken;
    }

    private void SkipNul()
    {
        if (_position < _text.Length && _text[_position] == '\0')
        {
            _position++;
        }
    }
}
