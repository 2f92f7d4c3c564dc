using System.Text;

namespace Fleethold.Resources.Wire;

/// <summary>
/// The order of map keys in upstream's YAML: as people count, so that <c>node-2</c> comes before <c>node-10</c>; letters come after
/// everything else, except right after digits.
/// </summary>
internal static class YamlKeyOrder
{
    /// <summary>Compares two keys of one map.</summary>
    public static int Compare(object? left, object? right) => left is string one && right is string other
        ? Compare(one, other)
        : Comparer<object>.Default.Compare(left, right);

    /// <summary>Compares two texts.</summary>
    public static int Compare(string left, string right)
    {
        Rune[] one = [.. left.EnumerateRunes()], other = [.. right.EnumerateRunes()];
        var afterDigit = false;
        for (var index = 0; index < one.Length && index < other.Length; index++)
        {
            if (one[index] == other[index])
            {
                afterDigit = Rune.IsDigit(one[index]);
                continue;
            }

            bool oneIsLetter = Rune.IsLetter(one[index]), otherIsLetter = Rune.IsLetter(other[index]);
            if (oneIsLetter && otherIsLetter)
                return one[index].CompareTo(other[index]);

            if (oneIsLetter || otherIsLetter)
                return oneIsLetter == afterDigit ? -1 : 1;

            // A zero counts only behind another digit that isn't one.
            var lead = (one[index].Value == '0' || other[index].Value == '0') && EndsInNumber(one, index) ? 1L : 0L;
            var (first, firstEnd) = Number(one, index, lead);
            var (second, secondEnd) = Number(other, index, lead);
            if (first != second)
                return first.CompareTo(second);

            return firstEnd != secondEnd ? firstEnd.CompareTo(secondEnd) : one[index].CompareTo(other[index]);
        }

        return one.Length.CompareTo(other.Length);
    }

    private static bool EndsInNumber(Rune[] text, int end)
    {
        for (var index = end - 1; index >= 0 && Rune.IsDigit(text[index]); index--)
        {
            if (text[index].Value != '0')
                return true;
        }

        return false;
    }

    private static (long Value, int End) Number(Rune[] text, int start, long lead)
    {
        var (value, index) = (lead, start);
        for (; index < text.Length && Rune.IsDigit(text[index]); index++)
            value = unchecked(value * 10 + (text[index].Value - '0'));

        return (value, index);
    }
}
