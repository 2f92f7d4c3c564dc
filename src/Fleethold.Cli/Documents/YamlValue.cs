using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

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
    /// <exception cref="YamlException">The text isn't YAML.</exception>
    public static object? Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 0 ? null : From(stream.Documents[0].RootNode, 0);
    }

    /// <summary>Converts a node.</summary>
    /// <exception cref="YamlException">The node is nested too deep, or contains itself.</exception>
    public static object? From(YamlNode node, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new YamlException(node.Start, node.End, $"nested more than {MaxDepth} levels deep");
        }

        switch (node)
        {
            case YamlMappingNode map:
                var members = new Dictionary<string, object?>(map.Children.Count, StringComparer.Ordinal);
                foreach (var (key, value) in map.Children)
                {
                    members[key is YamlScalarNode name ? name.Value ?? "" : key.ToString()] = From(value, depth + 1);
                }

                return members;
            case YamlSequenceNode list:
                return list.Children.Select(item => From(item, depth + 1)).ToList();
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                return null;
        }
    }

    private static object? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        var plain = scalar.Style is ScalarStyle.Plain or ScalarStyle.Any;
        if (!scalar.Tag.IsEmpty)
        {
            return scalar.Tag.Value is "tag:yaml.org,2002:str" or "!" ? text : Plain(text);
        }

        return plain ? Plain(text) : text;
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
            return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
                : sign > 0 && ulong.TryParse(body, NumberStyles.None, CultureInfo.InvariantCulture, out var large) ? large
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
