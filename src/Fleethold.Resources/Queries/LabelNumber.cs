using System.Globalization;

namespace Fleethold.Resources.Queries;

/// <summary>
/// The numbers of label comparisons: whole, of 64 bits, with an optional unit such as <c>GiB</c> or <c>k</c> (reference/resources.md 1.5).
/// </summary>
internal static class LabelNumber
{
    /// <summary>
    /// Reads a number without allocation. False when the text isn't one: no digits, a decimal point, an unknown unit, more than 64 bits
    /// before the unit. A product with the unit that doesn't fit wraps around, as the original's does.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long number)
    {
        text = text.Trim();
        var digits = text.IndexOfAnyExcept("0123456789-");
        digits = digits < 0 ? text.Length : digits;
        if (!long.TryParse(text[..digits], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            return false;
        }

        var factor = Factor(text[digits..].TrimStart());
        number = unchecked(number * factor);
        return factor != 0;
    }

    private static long Factor(ReadOnlySpan<char> unit)
    {
        if (unit.IsEmpty)
        {
            return 1;
        }

        var power = "kmgtp".IndexOf(char.ToLowerInvariant(unit[0])) + 1;
        var step = unit.Length > 1 && char.ToLowerInvariant(unit[1]) == 'i' ? 1024L : 1000L;
        var factor = power == 0 ? 0 : 1L;
        for (; power > 0; power--)
        {
            factor *= step;
        }

        return factor;
    }
}
