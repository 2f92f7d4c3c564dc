using System.Collections.Concurrent;
using System.Globalization;

namespace Fleethold.Resources.Queries;

/// <summary>A set of Unicode code points, as sorted ranges (both ends inclusive) that neither overlap nor touch.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;

    // In the order of UnicodeCategory; the last one, Cn (unassigned), is no category of RE2's.
    private const string Codes = "LuLlLtLmLoMnMcMeNdNlNoZsZlZpCcCfCsCoPcPdPsPePiPfPoSmScSkSo";

    private static readonly ConcurrentDictionary<string, CodePointSet> Categories = new(StringComparer.Ordinal);

    private CodePointSet? _complement;
    private CodePointSet? _folded;

    private CodePointSet((int First, int Last)[] ranges) => Ranges = ranges;

    public (int First, int Last)[] Ranges { get; }

    public static CodePointSet All { get; } = Of((0, Last));

    public static CodePointSet AllButNewline { get; } = Of(('\n', '\n')).Complement();

    public static CodePointSet Of(params ReadOnlySpan<(int First, int Last)> ranges)
    {
        var sorted = ranges.ToArray();
        Array.Sort(sorted);
        var merged = new List<(int First, int Last)>(sorted.Length);
        foreach (var range in sorted)
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return new CodePointSet([.. merged]);
    }

    public CodePointSet Complement() => _complement ??= MakeComplement();

    private CodePointSet MakeComplement()
    {
        var gaps = new List<(int First, int Last)>(Ranges.Length + 1);
        var next = 0;
        foreach (var (first, last) in Ranges)
        {
            if (first > next)
            {
                gaps.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            gaps.Add((next, Last));
        }

        return new CodePointSet([.. gaps]);
    }

    public bool Contains(int codePoint)
    {
        var (low, high) = (0, Ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (codePoint < Ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (codePoint > Ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The set with everything that differs from a member only in case.</summary>
    public CodePointSet FoldCase()
    {
        if (_folded is null)
        {
            var added = new List<(int First, int Last)>(Ranges);
            CaseFolding.AddVariants(Ranges, added);
            _folded = added.Count == Ranges.Length ? this : Of([.. added]);
        }

        return _folded;
    }

    /// <summary>
    /// The code points of a general category such as <c>L</c> or <c>Lu</c>, or of <c>Any</c>; null for another name.
    /// RE2 also knows scripts (<c>Greek</c>), which the platform has no data for.
    /// </summary>
    public static CodePointSet? Category(string name)
    {
        if (name == "Any")
        {
            return All;
        }

        var known = name.Length is 1 or 2 && Enumerable.Range(0, Codes.Length / 2).Any(category => IsIn(category, name));
        return known ? Categories.GetOrAdd(name, Compute) : null;
    }

    private static bool IsIn(int category, string name) =>
        category * 2 < Codes.Length && Codes.AsSpan(category * 2, 2).StartsWith(name, StringComparison.Ordinal);

    private static CodePointSet Compute(string name)
    {
        var wanted = Enumerable.Range(0, 30).Select(category => IsIn(category, name)).ToArray();
        var ranges = new List<(int First, int Last)>();
        for (var codePoint = 0; codePoint <= Last; codePoint++)
        {
            if (!wanted[(int)CharUnicodeInfo.GetUnicodeCategory(codePoint)])
            {
                continue;
            }

            if (ranges.Count > 0 && ranges[^1].Last == codePoint - 1)
            {
                ranges[^1] = (ranges[^1].First, codePoint);
            }
            else
            {
                ranges.Add((codePoint, codePoint));
            }
        }

        return new CodePointSet([.. ranges]);
    }
}
