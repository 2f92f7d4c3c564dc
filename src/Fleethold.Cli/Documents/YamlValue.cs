using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fleethold.Cli.Documents;

/// <summary>
/// YAML read into plain values: null, bool, long, ulong, double, string, <c>List&lt;object?&gt;</c> and <c>Dictionary&lt;string, object?&gt;</c>
/// in the order of the text. Plain scalars get the types that omnictl's YAML library gives them, so that JSON and JSONPath
/// output are the same: an empty one is null, <c>64</c> a number, <c>yes</c> a text, a date a text in RFC 3339.
/// </summary>
internal static class YamlValue
{
    private const int MaxDepth = 200;

    /// <summary>Reads the first document of a text; an empty text is null.</summary>
    /// <exception cref="YamlException">The text isn't YAML, is nested too deep, or has aliases, which no server writes.</exception>
    public static object? Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        return parser.TryConsume<DocumentStart>(out _) ? Next(parser, 0) : null;
    }

    private static object? Next(Parser parser, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new YamlException(parser.Current!.Start, parser.Current.End, $"nested more than {MaxDepth} levels deep");
        }

        if (parser.TryConsume<MappingStart>(out _))
        {
            var members = new Dictionary<string, object?>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                members[parser.Consume<Scalar>().Value] = Next(parser, depth + 1);
            }

            return members;
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<object?>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Next(parser, depth + 1));
            }

            return items;
        }

        var scalar = parser.Consume<Scalar>();
        var isPlain = scalar.Tag.IsEmpty ? scalar.Style is ScalarStyle.Plain or ScalarStyle.Any : scalar.Tag.Value is not ("tag:yaml.org,2002:str" or "!");
        return isPlain ? Plain(scalar.Value) : scalar.Value;
    }

    private static object? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" => double.PositiveInfinity,
        "-.inf" or "-.Inf" or "-.INF" => double.NegativeInfinity,
        ".nan" or ".NaN" or ".NAN" => double.NaN,
        _ when text[0] is (>= '0' and <= '9') or '+' or '-' or '.' => Number(text) ?? Date(text) ?? text,
        _ => text,
    };

    private static object? Number(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var sign = digits.StartsWith('-') ? -1 : 1;
        var body = digits.TrimStart('+', '-');
        if (digits.Length - body.Length > 1 || body.Length == 0)
        {
            return null;
        }

        if (body.Length > 1 && body[0] == '0' && body[1] is not ('.' or 'e' or 'E'))
        {
            var radix = char.ToLowerInvariant(body[1]) switch { 'x' => 16, 'b' => 2, _ => 8 };
            return Radix(char.IsLetter(body[1]) ? body[2..] : body[1..], radix, sign);
        }

        if (body.All(char.IsAsciiDigit))
        {
            return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? (object)whole
                : sign > 0 && ulong.TryParse(body, NumberStyles.None, CultureInfo.InvariantCulture, out var large) ? (object)large
                : double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        }

        return body.All(letter => char.IsAsciiDigit(letter) || letter is '.' or 'e' or 'E' or '+' or '-')
            && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? real : null;
    }

    private static object? Radix(string digits, int radix, int sign)
    {
        UInt128 value = 0;
        foreach (var letter in digits)
        {
            var digit = char.IsAsciiDigit(letter) ? letter - '0' : char.IsAsciiHexDigit(letter) ? char.ToLowerInvariant(letter) - 'a' + 10 : radix;
            if (digit >= radix || value > ulong.MaxValue)
            {
                return null;
            }

            value = value * (UInt128)radix + (UInt128)digit;
        }

        return digits.Length == 0 || value > ulong.MaxValue ? null
            : value <= long.MaxValue ? sign * (long)value
            : sign > 0 ? (ulong)value : null;
    }

    private static string? Date(string text)
    {
        if (text.Length < 8 || text[4] != '-')
        {
            return null;
        }

        string[] forms =
        [
            "yyyy-M-d", "yyyy-M-d'T'H:m:s.FFFFFFFK", "yyyy-M-d't'H:m:s.FFFFFFFK", "yyyy-M-d H:m:s.FFFFFFF",
        ];
        return DateTimeOffset.TryParseExact(
            text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.Offset == TimeSpan.Zero
                ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)
                : time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture)
            : null;
    }
}
