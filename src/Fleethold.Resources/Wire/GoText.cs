using System.Globalization;
using System.Text;

namespace Fleethold.Resources.Wire;

/// <summary>Texts as Go prints them, where clients see them.</summary>
internal static class GoText
{
    /// <summary>A text in double quotes with what can't be printed escaped, Go's <c>%q</c>.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                7 => "\\a",
                8 => "\\b",
                9 => "\\t",
                10 => "\\n",
                11 => "\\v",
                12 => "\\f",
                13 => "\\r",
                < 0x20 or 0x7f => "\\x" + rune.Value.ToString("x2", CultureInfo.InvariantCulture),
                < 0x7f => rune.ToString(),
                _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned
                    or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.SpaceSeparator =>
                    rune.Value <= 0xffff
                        ? "\\u" + rune.Value.ToString("x4", CultureInfo.InvariantCulture)
                        : "\\U" + rune.Value.ToString("x8", CultureInfo.InvariantCulture),
                _ => rune.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>The shortest text of a double as YAML has it: with an exponent below 0.0001 and from 1,000,000 on.</summary>
    public static string YamlFloat(double number) => number switch
    {
        double.PositiveInfinity => ".inf",
        double.NegativeInfinity => "-.inf",
        double.NaN => ".nan",
        _ => Shaped(number.ToString("R", CultureInfo.InvariantCulture), -4, 6, 2),
    };

    /// <summary>The shortest text of a single as YAML has it.</summary>
    public static string YamlFloat(float number) =>
        float.IsFinite(number) ? Shaped(number.ToString("R", CultureInfo.InvariantCulture), -4, 6, 2) : YamlFloat((double)number);

    /// <summary>The shortest text of a finite number as JSON has it: with an exponent below 0.000001 and from 21 digits on.</summary>
    /// <param name="roundTrip">The number in .NET's round-trip format.</param>
    public static string JsonFloat(string roundTrip) => Shaped(roundTrip, -6, 21, 1);

    private static string Shaped(string roundTrip, int lowest, int highest, int exponentDigits)
    {
        var negative = roundTrip[0] == '-';
        var parts = roundTrip.TrimStart('-').Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? parts[0] : parts[0][..point];
        var all = whole + (point < 0 ? "" : parts[0][(point + 1)..]);
        var digits = all.TrimStart('0');
        var exponent = whole.Length - 1 - (all.Length - digits.Length) + (parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0);
        digits = digits.TrimEnd('0');
        if (digits.Length == 0)
            (digits, exponent) = ("0", 0);

        string text;
        if (exponent < lowest || exponent >= highest)
        {
            var power = Math.Abs(exponent).ToString("D" + exponentDigits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            text = digits[..1] + (digits.Length > 1 ? "." + digits[1..] : "") + (exponent < 0 ? "e-" : "e+") + power;
        }
        else if (exponent < 0)
        {
            text = "0." + new string('0', -exponent - 1) + digits;
        }
        else
        {
            var padded = digits.PadRight(exponent + 1, '0');
            text = padded.Length == exponent + 1 ? padded : padded[..(exponent + 1)] + "." + padded[(exponent + 1)..];
        }

        return negative ? "-" + text : text;
    }
}
