using System.Globalization;
using System.Text.RegularExpressions;

namespace Fleethold.Resources.Wire;

/// <summary>The plain scalars that YAML 1.1 readers, or upstream's, take for a number or a time.</summary>
internal static partial class YamlNumber
{
    /// <summary>Infinities and not-a-number in YAML's spelling.</summary>
    public static bool IsSpecialFloat(string text) => text is ".nan" or ".NaN" or ".NAN" || IsInfinity(text);

    /// <summary>A decimal float that starts with a dot.</summary>
    public static bool IsFloat(string text) => DotFloat().IsMatch(text) && IsFinite(text.Replace("_", "", StringComparison.Ordinal));

    /// <summary>Anything that starts with a sign or a digit and is not a string.</summary>
    public static bool IsNumberOrTime(string text)
    {
        if (text[0] is '+' or '-' && IsInfinity(text.AsSpan(1)))
            return true;

        if (IsTime(text) || Base60().IsMatch(text))
            return true;

        var plain = text.Replace("_", "", StringComparison.Ordinal);
        return TryParseInteger(plain, out _, out _) || (Float().IsMatch(plain) && IsFinite(plain));
    }

    /// <summary>
    /// Reads an integer as Go does with the base in the text: <c>0x</c>, <c>0o</c>, <c>0b</c>, a leading 0 for octal. False when it isn't one
    /// or doesn't fit 64 bits (signed with a sign, unsigned without).
    /// </summary>
    public static bool TryParseInteger(ReadOnlySpan<char> text, out bool negative, out ulong magnitude)
    {
        negative = text is ['-', ..];
        magnitude = 0;
        var signed = text is ['+' or '-', ..];
        var digits = signed ? text[1..] : text;
        var radix = digits switch
        {
            ['0', 'x' or 'X', _, ..] => 16,
            ['0', 'o' or 'O', _, ..] => 8,
            ['0', 'b' or 'B', _, ..] => 2,
            ['0', _, ..] => 8,
            _ => 10,
        };
        if (radix != 10)
            digits = char.IsAsciiDigit(digits[1]) ? digits[1..] : digits[2..];

        if (digits.Length == 0)
            return false;

        UInt128 value = 0;
        foreach (var digit in digits)
        {
            var amount = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (amount >= radix)
                return false;

            value = value * (uint)radix + (uint)amount;
            if (value > ulong.MaxValue)
                return false;
        }

        magnitude = (ulong)value;
        return !signed || magnitude <= (negative ? 1ul << 63 : long.MaxValue);
    }

    private static bool IsInfinity(ReadOnlySpan<char> text) => text is ".inf" or ".Inf" or ".INF";

    private static bool IsFinite(string text) => double.IsFinite(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));

    private static bool IsTime(string text) => text.Length >= 8 && text[4] == '-' && Time().Match(text) is { Success: true } match && IsDate(match) && IsClock(match);

    private static bool IsDate(Match match)
    {
        var (year, month, day) = (Number(match, "year"), Number(match, "month"), Number(match, "day"));
        // Go accepts year 0, which .NET doesn't have; it is a leap year.
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year == 0 ? 4 : year, month);
    }

    private static bool IsClock(Match match) =>
        !match.Groups["hour"].Success || (Number(match, "hour") <= 23 && Number(match, "minute") <= 59 && Number(match, "second") <= 59);

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?\z")]
    private static partial Regex DotFloat();

    [GeneratedRegex(@"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\z")]
    private static partial Regex Float();

    [GeneratedRegex(@"^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\z")]
    private static partial Regex Base60();

    [GeneratedRegex(@"^(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})(?:(?:[Tt](?<hour>[0-9]{1,2}):(?<minute>[0-9]{1,2}):(?<second>[0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2}))| (?<hour>[0-9]{1,2}):(?<minute>[0-9]{1,2}):(?<second>[0-9]{1,2})(?:[.,][0-9]+)?)?\z")]
    private static partial Regex Time();
}
