using System.Collections.Immutable;

namespace Fleethold.Resources.Queries;

/// <summary>Builds the terms of one selector, one token ahead. Errors are texts in the words of the original.</summary>
internal ref struct LabelSelectorParser
{
    private LabelSelectorLexer _lexer;
    private SelectorToken _token;
    private string _literal;

    public LabelSelectorParser(ReadOnlySpan<char> text)
    {
        _lexer = new LabelSelectorLexer(text);
        _literal = "";
        Advance();
    }

    /// <summary>Null when the text is a selector, else what is wrong with it.</summary>
    public string? Parse(out ImmutableArray<LabelTerm> terms)
    {
        var found = ImmutableArray.CreateBuilder<LabelTerm>();
        terms = [];
        if (_token != SelectorToken.End && !AtTerm)
        {
            return $"found '{_literal}', expected: !, identifier, or 'end of string'";
        }

        while (_token != SelectorToken.End)
        {
            if (Term(out var term) is { } error)
            {
                return $"unable to parse term: {error}";
            }

            found.Add(term);
            if (_token == SelectorToken.Comma)
            {
                Advance();
                if (!AtTerm)
                {
                    return $"found '{_literal}', expected: identifier after ','";
                }
            }
            else if (_token != SelectorToken.End)
            {
                return $"found '{_literal}', expected: ',' or 'end of string'";
            }
        }

        terms = found.ToImmutable();
        return null;
    }

    // The keywords are words everywhere but in the operator's place.
    private readonly bool AtWord => _token is SelectorToken.Word or SelectorToken.In or SelectorToken.NotIn;

    private readonly bool AtTerm => AtWord || _token == SelectorToken.Not;

    private readonly bool AtTermEnd => _token is SelectorToken.End or SelectorToken.Comma;

    private void Advance() => _token = _lexer.Next(out _literal);

    private string? Term(out LabelTerm term)
    {
        term = null!;
        var absent = _token == SelectorToken.Not;
        if (absent)
        {
            Advance();
        }

        if (!AtWord)
        {
            return $"found '{_literal}', expected: identifier";
        }

        var key = _literal;
        Advance();
        if (AtTermEnd)
        {
            term = new LabelTerm(key, LabelOperator.Exists, [], absent);
            return null;
        }

        if (absent)
        {
            // The original names nothing here.
            return "expected EOF or ',', found ";
        }

        LabelOperator? comparison = _token switch
        {
            SelectorToken.Equal or SelectorToken.NotEqual => LabelOperator.Equal,
            SelectorToken.In or SelectorToken.NotIn => LabelOperator.In,
            SelectorToken.Less or SelectorToken.GreaterOrEqual => LabelOperator.LessThanNumeric,
            SelectorToken.LessOrEqual or SelectorToken.Greater => LabelOperator.LessThanOrEqualNumeric,
            _ => null,
        };
        if (comparison is not { } label)
        {
            return $"found '{_literal}', expected: ==, =, !=, >=, >, in, notin, <=, <";
        }

        var invert = _token is SelectorToken.NotEqual or SelectorToken.NotIn or SelectorToken.GreaterOrEqual or SelectorToken.Greater;
        Advance();
        var error = label == LabelOperator.In ? List(out var values) : Value(out values);
        term = new LabelTerm(key, label, values, invert);
        return error;
    }

    private string? Value(out ImmutableArray<string> values)
    {
        values = [""];
        if (AtTermEnd)
        {
            return null;
        }

        if (!AtWord)
        {
            return $"found '{_literal}', expected: identifier";
        }

        values = [_literal];
        Advance();
        return null;
    }

    /// <summary>Values between parentheses, where what lies between two commas may be empty; sorted, each once.</summary>
    private string? List(out ImmutableArray<string> values)
    {
        values = [];
        if (_token != SelectorToken.Open)
        {
            return $"found '{_literal}' expected: '('";
        }

        Advance();
        var found = new SortedSet<string>(CodePointOrder.Instance);
        while (true)
        {
            var value = "";
            if (AtWord)
            {
                value = _literal;
                Advance();
                if (_token is not (SelectorToken.Comma or SelectorToken.Close))
                {
                    return $"found '{_literal}', expected: ',' or ')'";
                }
            }

            if (_token is not (SelectorToken.Comma or SelectorToken.Close))
            {
                return $"found '{_literal}', expected: ',', ')' or identifier";
            }

            found.Add(value);
            var last = _token == SelectorToken.Close;
            Advance();
            if (last)
            {
                values = [.. found];
                return null;
            }
        }
    }
}
