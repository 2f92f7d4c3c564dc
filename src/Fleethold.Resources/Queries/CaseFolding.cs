using System.Text;

namespace Fleethold.Resources.Queries;

/// <summary>Which code points differ only in case: Unicode's simple folding, made from the platform's case mappings.</summary>
internal static class CaseFolding
{
    // Every code point that has case, with all the others of its group. Made at the first use beyond ASCII.
    private static readonly Lazy<(int CodePoint, int[] Group)[]> Groups = new(Build);

    /// <summary>Adds the case variants of every code point in the ranges.</summary>
    public static void AddVariants(ReadOnlySpan<(int First, int Last)> ranges, List<(int First, int Last)> added)
    {
        foreach (var (first, last) in ranges)
        {
            if (first == last && char.IsAscii((char)Math.Min(first, 0xFFFF)))
            {
                AddAsciiVariants(first, added);
                continue;
            }

            var groups = Groups.Value;
            var start = groups.AsSpan().BinarySearch(new At(first));
            for (var index = start < 0 ? ~start : start; index < groups.Length && groups[index].CodePoint <= last; index++)
            {
                foreach (var variant in groups[index].Group)
                {
                    added.Add((variant, variant));
                }
            }
        }
    }

    private static void AddAsciiVariants(int codePoint, List<(int First, int Last)> added)
    {
        if (!char.IsAsciiLetter((char)codePoint))
        {
            return;
        }

        added.Add((codePoint ^ 0x20, codePoint ^ 0x20));
        var beyond = (codePoint | 0x20) switch { 'k' => KelvinSign, 's' => LongS, _ => 0 };
        if (beyond != 0)
        {
            added.Add((beyond, beyond));
        }
    }

    private const int KelvinSign = 0x212A;
    private const int LongS = 0x17F;

    private static (int CodePoint, int[] Group)[] Build()
    {
        var parent = new Dictionary<int, int>();
        for (var codePoint = 0; codePoint < 0x20000; codePoint++)
        {
            // The dotted capital and the dotless small I have no simple folding.
            if (codePoint is 0x130 or 0x131 || !Rune.IsValid(codePoint))
            {
                continue;
            }

            var rune = new Rune(codePoint);
            Join(codePoint, Rune.ToLowerInvariant(rune).Value);
            Join(codePoint, Rune.ToUpperInvariant(rune).Value);
        }

        Join(LongS, 's');
        return [.. parent.Keys.GroupBy(Root)
            .Select(group => group.Order().ToArray())
            .Where(group => group.Length > 1)
            .SelectMany(group => group.Select(codePoint => (codePoint, group)))
            .OrderBy(entry => entry.codePoint)];

        int Root(int codePoint)
        {
            while (parent.TryGetValue(codePoint, out var next) && next != codePoint)
            {
                codePoint = next;
            }

            return codePoint;
        }

        void Join(int one, int other)
        {
            if (one == other)
            {
                return;
            }

            parent.TryAdd(one, one);
            parent.TryAdd(other, other);
            parent[Root(one)] = Root(other);
        }
    }

    private readonly struct At(int codePoint) : IComparable<(int CodePoint, int[] Group)>
    {
        private readonly int _codePoint = codePoint;

        public int CompareTo((int CodePoint, int[] Group) other) => _codePoint.CompareTo(other.CodePoint);
    }
}
