using System.Collections.Immutable;
using System.Text;

namespace Fleethold.Resources.Queries;

/// <summary>
/// The text form of label queries: <c>key</c>, <c>!key</c>, <c>key = value</c>, <c>key != value</c>, <c>key in (a, b)</c>,
/// <c>key notin (a, b)</c>, <c>key &lt; 4 GiB</c> and so on, joined with commas (reference/resources.md 1.7).
/// </summary>
public static class LabelSelector
{
    /// <summary>The longest text that is read, in UTF-16 units.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>
    /// Reads one selector. An empty text is a query without terms, which matches everything. What can't be read is a
    /// <see cref="Fault.Invalid"/> in the words of the original server.
    /// </summary>
    public static Outcome<LabelQuery> Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            return new Fault.Invalid($"label selector of {text.Length} characters is too long: the limit is {MaxLength}");
        }

        return new LabelSelectorParser(text).Parse(out var terms) is { } error ? new Fault.Invalid(error) : new LabelQuery(terms);
    }

    /// <summary>
    /// Reads the values of a <c>selectors</c> header: each is split at semicolons, wherever they stand, and of the selectors any may match.
    /// </summary>
    public static Outcome<ImmutableArray<LabelQuery>> ParseHeader(IEnumerable<string> values)
    {
        var queries = ImmutableArray.CreateBuilder<LabelQuery>();
        foreach (var selector in values.SelectMany(value => value.Split(';')))
        {
            if (!Parse(selector).Succeeded(out var query, out var fault))
            {
                return fault;
            }

            queries.Add(query);
        }

        return queries.ToImmutable();
    }

    /// <summary>
    /// Writes a query so that <see cref="Parse"/> gives it back. Three terms have no text form and come out as something for the eye that
    /// <see cref="Parse"/> refuses: comparisons of text (<c>key lt value</c>), Equal without a value and In without values.
    /// </summary>
    public static string Format(LabelQuery query) => string.Join(", ", query.Terms.Select(Format));

    /// <summary>Writes one term, as <see cref="Format(LabelQuery)"/> does.</summary>
    public static string Format(LabelTerm term)
    {
        var key = Quote(term.Key, isKey: true);
        var value = term.Values.Length > 0 ? Quote(term.Values[0], isKey: false) : "()";
        var not = term.Invert ? "not " : "";
        return term.Operator switch
        {
            LabelOperator.Exists => term.Invert ? $"!{key}" : key,
            LabelOperator.Equal => $"{key} {(term.Invert ? "!=" : "=")} {value}",
            LabelOperator.In when term.Values.IsEmpty => $"{key} {(term.Invert ? "notin" : "in")} nothing",
            LabelOperator.In => $"{key} {(term.Invert ? "notin" : "in")} ({string.Join(", ", term.Values.Select(one => Quote(one, isKey: false)))})",
            LabelOperator.LessThanNumeric => $"{key} {(term.Invert ? ">=" : "<")} {value}",
            LabelOperator.LessThanOrEqualNumeric => $"{key} {(term.Invert ? ">" : "<=")} {value}",
            LabelOperator.LessThan => $"{key} {not}lt {value}",
            LabelOperator.LessThanOrEqual => $"{key} {not}lte {value}",
            _ => $"{key} {not}{term.Operator} {value}",
        };
    }

    private static string Quote(string text, bool isKey)
    {
        var plain = text.Length > 0
            && text.AsSpan().IndexOfAny("=!(),<>\"\0") < 0
            && (isKey ? text is not ("in" or "notin") && text.AsSpan().IndexOfAny(" \t\r\n") < 0 : text.AsSpan().Trim().Length == text.Length);
        if (plain)
        {
            return text;
        }

        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var unit in text)
        {
            quoted.Append(unit is '"' or '\\' ? "\\" : "").Append(unit);
        }

        return quoted.Append('"').ToString();
    }
}
