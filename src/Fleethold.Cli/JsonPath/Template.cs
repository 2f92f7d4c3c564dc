using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Fleethold.Cli.Documents;

namespace Fleethold.Cli.JsonPath;

/// <summary>What a template does with a key that isn't there.</summary>
internal enum MissingKeys
{
    /// <summary>Selects nothing.</summary>
    Skip,

    /// <summary>Stops with an error that names the key.</summary>
    Fail,
}

/// <summary>
/// A Kubernetes JSONPath template, the language of print columns and of <c>-o jsonpath=</c> (reference/resources.md 2.8).
/// Results of one path are parted by blanks; lists and maps are printed as compact JSON.
/// </summary>
internal sealed class Template
{
    private const int MaxResults = 1_000_000;

    private readonly ImmutableArray<Node> _nodes;
    private readonly MissingKeys _missing;
    private readonly bool _inFilter;

    private Template(ImmutableArray<Node> nodes, MissingKeys missing, bool inFilter = false) =>
        (_nodes, _missing, _inFilter) = (nodes, missing, inFilter);

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">The text isn't a template.</exception>
    public static Template Parse(string text, MissingKeys missing = MissingKeys.Skip) => new(TemplateParser.Parse(text), missing);

    /// <summary>Applies the template to a document as <see cref="YamlValue"/> reads it.</summary>
    /// <exception cref="TemplateException">The template doesn't fit the document.</exception>
    public string Apply(object? document)
    {
        var text = new StringBuilder();
        Write(text, _nodes, document);
        return text.ToString();
    }

    private void Write(StringBuilder text, ImmutableArray<Node> nodes, object? root)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case Node.Text plain:
                    text.Append(plain.Value);
                    break;
                case Node.Literal literal:
                    text.Append(Print(literal.Value));
                    break;
                case Node.Path path:
                    text.AppendJoin(' ', Select(path.Steps, root).Select(Print));
                    break;
                case Node.Range range:
                    foreach (var item in Select(range.Over, root))
                    {
                        Write(text, range.Body, item);
                    }

                    break;
            }
        }
    }

    private List<object?> Select(ImmutableArray<Step> steps, object? root)
    {
        List<object?> values = [root];
        foreach (var step in steps)
        {
            var next = new List<object?>();
            foreach (var value in values)
            {
                Take(step, value, next);
                if (next.Count > MaxResults)
                {
                    throw new TemplateException($"the template selects more than {MaxResults} values");
                }
            }

            values = next;
        }

        return values;
    }

    private void Take(Step step, object? value, List<object?> into)
    {
        switch (step)
        {
            case Step.Field(var name):
                if (value is Dictionary<string, object?> map && map.TryGetValue(name, out var member))
                {
                    into.Add(member);
                }
                else if (value is not null && _missing == MissingKeys.Fail)
                {
                    throw new TemplateException($"{name} is not found");
                }

                break;
            case Step.Wildcard:
                into.AddRange(Members(value));
                break;
            case Step.Recursive:
                Descend(value, into);
                break;
            case Step.Index(var position) when value is List<object?> list:
                var index = position < 0 ? list.Count + position : position;
                if (index >= 0 && index < list.Count)
                {
                    into.Add(list[index]);
                }
                else if (!_inFilter)
                {
                    throw OutOfBounds(index, list.Count);
                }

                break;
            case Step.Slice slice when value is List<object?> list:
                TakeSlice(slice, list, into);
                break;
            case Step.Index or Step.Slice when value is not null:
                throw new TemplateException($"{Print(value)} is not array or slice");
            case Step.Union(var paths):
                foreach (var path in paths)
                {
                    into.AddRange(Select(path, value));
                }

                break;
            case Step.Filter filter when value is List<object?> list:
                into.AddRange(list.Where(item => Holds(filter, item)));
                break;
            case Step.Filter when value is not null:
                throw new TemplateException($"{Print(value)} is not array or slice and cannot be filtered");
        }
    }

    private static void TakeSlice(Step.Slice slice, List<object?> list, List<object?> into)
    {
        var from = slice.From is { } first ? first < 0 ? list.Count + first : first : 0;
        var to = slice.To is { } last ? last < 0 ? list.Count + last : last : list.Count;
        var by = slice.By ?? 1;
        if (from == to)
        {
            return;
        }

        if (from < 0 || from >= list.Count)
        {
            throw OutOfBounds(from, list.Count);
        }

        if (to < 0 || to > list.Count)
        {
            throw OutOfBounds(to - 1, list.Count);
        }

        if (from > to)
        {
            throw new TemplateException($"starting index {from} is greater than ending index {to}");
        }

        if (by <= 0)
        {
            throw new TemplateException("step must be > 0");
        }

        for (long i = from; i < to; i += by)
        {
            into.Add(list[(int)i]);
        }
    }

    private bool Holds(Step.Filter filter, object? item)
    {
        var left = Operand(filter.Left, item);
        if (filter.Operator == "exists")
        {
            return left.Count > 0;
        }

        var right = Operand(filter.Right!, item);
        if (left.Count == 0 || right.Count == 0)
        {
            return false;
        }

        if (left.Count > 1 || right.Count > 1)
        {
            throw new TemplateException("can only compare one element at a time");
        }

        if (filter.Operator is "==" or "!=")
        {
            return (Compare(left[0], right[0]) == 0) == (filter.Operator == "==");
        }

        return Compare(left[0], right[0]) is { } order && filter.Operator switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    private List<object?> Operand(Node node, object? item) => node switch
    {
        Node.Text text => [text.Value],
        Node.Literal literal => [literal.Value],
        // A filter asks whether something is there: it never stops because it isn't.
        Node.Path path => new Template([], MissingKeys.Skip, inFilter: true).Select(path.Steps, item),
        _ => throw new TemplateException("a range can't stand in a filter"),
    };

    /// <summary>The order of two plain values; null when they can't be compared.</summary>
    private static int? Compare(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        (long or ulong or double, long or ulong or double) when left is not double && right is not double => ToInt128(left).CompareTo(ToInt128(right)),
        (long or ulong or double, long or ulong or double) =>
            Convert.ToDouble(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(right, CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static Int128 ToInt128(object value) => value is long number ? number : (ulong)value;

    private static IEnumerable<object?> Members(object? value) => value switch
    {
        List<object?> list => list,
        Dictionary<string, object?> map => map.Values,
        _ => [],
    };

    private static void Descend(object? value, List<object?> into)
    {
        into.Add(value);
        foreach (var member in Members(value))
        {
            Descend(member, into);
        }
    }

    private static TemplateException OutOfBounds(int index, int length) => new($"array index out of bounds: index {index}, length {length}");

    private static string Print(object? value) => value switch
    {
        null => "<nil>",
        string text => text,
        bool truth => truth ? "true" : "false",
        List<object?> or Dictionary<string, object?> => JsonText.Compact(value),
        double number => JsonText.Number(number),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
