using System.Globalization;
using System.Text;

namespace Fleethold.Cli.Documents;

/// <summary>
/// JSON as omnictl prints it: keys sorted, four spaces, and <c>&lt;</c>, <c>&gt;</c>, <c>&amp;</c> as escapes.
/// The values are those of <see cref="YamlValue"/>.
/// </summary>
internal static class JsonText
{
    /// <summary>One line without blanks.</summary>
    public static string Compact(object? value)
    {
        var text = new StringBuilder();
        Write(text, value, null);
        return text.ToString();
    }

    /// <summary>Several lines; no line end after the last one.</summary>
    public static string Indented(object? value)
    {
        var text = new StringBuilder();
        Write(text, value, 0);
        return text.ToString();
    }

    /// <summary>A number in the shortest form that reads back the same, with an exponent only below 1e-6 and from 1e21.</summary>
    public static string Number(double value)
    {
        var size = Math.Abs(value);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var split = shortest.IndexOf('E', StringComparison.Ordinal);
        if (size != 0 && (size < 1e-6 || size >= 1e21))
        {
            if (split < 0)
            {
                shortest = value.ToString("0.################E+0", CultureInfo.InvariantCulture);
                split = shortest.IndexOf('E', StringComparison.Ordinal);
            }

            var exponent = int.Parse(shortest[(split + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            return string.Create(CultureInfo.InvariantCulture, $"{shortest[..split]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent)}");
        }

        return split < 0 ? shortest : ((decimal)value).ToString("0.############################", CultureInfo.InvariantCulture);
    }

    private static void Write(StringBuilder text, object? value, int? level)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool truth:
                text.Append(truth ? "true" : "false");
                break;
            case string words:
                Quote(text, words);
                break;
            case double number:
                text.Append(double.IsFinite(number) ? Number(number) : throw new CommandFailure($"{number} can't be written as JSON"));
                break;
            case IFormattable number:
                text.Append(number.ToString(null, CultureInfo.InvariantCulture));
                break;
            case List<object?> list:
                Block(text, '[', ']', list.Count, level, (index, inner) => Write(text, list[index], inner));
                break;
            case Dictionary<string, object?> map:
                var keys = map.Keys.Order(StringComparer.Ordinal).ToArray();
                Block(text, '{', '}', keys.Length, level, (index, inner) =>
                {
                    Quote(text, keys[index]);
                    text.Append(inner is null ? ":" : ": ");
                    Write(text, map[keys[index]], inner);
                });
                break;
        }
    }

    private static void Block(StringBuilder text, char open, char close, int count, int? level, Action<int, int?> member)
    {
        text.Append(open);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                text.Append(',');
            }

            NewLine(text, level + 1);
            member(i, level + 1);
        }

        if (count > 0)
        {
            NewLine(text, level);
        }

        text.Append(close);
    }

    private static void NewLine(StringBuilder text, int? level)
    {
        if (level is { } depth)
        {
            text.Append('\n').Append(' ', 4 * depth);
        }
    }

    private static void Quote(StringBuilder text, string words)
    {
        text.Append('"');
        foreach (var letter in words)
        {
            switch (letter)
            {
                case '"' or '\\':
                    text.Append('\\').Append(letter);
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                case < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029':
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
                    break;
                default:
                    text.Append(letter);
                    break;
            }
        }

        text.Append('"');
    }
}
