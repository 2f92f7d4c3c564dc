using System.Globalization;
using System.Text;

namespace Fleethold.Resources.Queries;

/// <summary>
/// The letters that one expression can tell apart. ASCII stands for itself; the code points beyond fall into groups which every class of
/// the expression holds whole or not at all, and each group gets one private-use character. So an engine sees one unit per code point
/// and only ASCII words, as RE2 does, even the platform's, which works on UTF-16 units with Unicode's idea of a word.
/// </summary>
internal sealed class Re2Alphabet
{
    private const int FirstSymbol = 0xE000;
    private const int MaxSymbols = 0xF8FF - FirstSymbol + 1;
    private const int FirstBeyond = 0x80;

    // The interval i goes from _starts[i] to before _starts[i + 1].
    private readonly int[] _starts;
    private readonly char[] _symbols;

    private Re2Alphabet(int[] starts, char[] symbols, int groups) => (_starts, _symbols, Count) = (starts, symbols, FirstBeyond + groups);

    /// <summary>Null when the classes of the expression split the code points into too many groups.</summary>
    public static Re2Alphabet? For(Re2Node expression)
    {
        var sets = new HashSet<CodePointSet>();
        Collect(expression, sets);
        var boundaries = new SortedSet<int> { FirstBeyond };
        foreach (var (first, last) in sets.SelectMany(set => set.Ranges).Where(range => range.Last >= FirstBeyond))
        {
            boundaries.Add(Math.Max(first, FirstBeyond));
            boundaries.Add(last + 1);
        }

        int[] starts = [.. boundaries];
        var groups = new int[starts.Length];
        var next = 1;
        foreach (var set in sets)
        {
            // Of every group so far, the part inside the set becomes a group of its own.
            var split = new Dictionary<int, int>();
            foreach (var (from, to) in Intervals(set, starts))
            {
                for (var interval = from; interval < to; interval++)
                {
                    if (!split.TryGetValue(groups[interval], out var group))
                    {
                        split[groups[interval]] = group = next++;
                    }

                    groups[interval] = group;
                }
            }
        }

        var numbers = new Dictionary<int, char>();
        foreach (var group in groups)
        {
            numbers.TryAdd(group, (char)(FirstSymbol + numbers.Count));
        }

        return numbers.Count > MaxSymbols ? null : new Re2Alphabet(starts, [.. groups.Select(group => numbers[group])], numbers.Count);
    }

    /// <summary>Writes a set of the expression as a class of the platform's syntax.</summary>
    public void Render(CodePointSet set, StringBuilder output)
    {
        var start = output.Length;
        output.Append('[');
        foreach (var (first, last) in set.Ranges)
        {
            if (first < FirstBeyond)
            {
                AppendRange(output, first, Math.Min(last, FirstBeyond - 1));
            }
        }

        var symbols = new SortedSet<char>();
        foreach (var (from, to) in Intervals(set, _starts))
        {
            for (var interval = from; interval < to; interval++)
            {
                symbols.Add(_symbols[interval]);
            }
        }

        var run = (First: 0, Last: -2);
        foreach (var symbol in symbols)
        {
            if (symbol != run.Last + 1)
            {
                AppendRange(output, run.First, run.Last);
                run.First = symbol;
            }

            run.Last = symbol;
        }

        AppendRange(output, run.First, run.Last);
        if (output.Length == start + 1)
        {
            output.Append(@"^\u0000-\uFFFF");
        }

        output.Append(']');
    }

    /// <summary>How many symbols there are: ASCII and one for each group.</summary>
    public int Count { get; }

    /// <summary>The number of a mapped unit, below <see cref="Count"/>.</summary>
    public static int IndexOf(char mapped) => mapped < FirstBeyond ? mapped : mapped - FirstSymbol + FirstBeyond;

    /// <summary>The set as bits by the number of the symbol.</summary>
    public ulong[] Bits(CodePointSet set)
    {
        var bits = new ulong[(Count + 63) / 64];
        for (var ascii = 0; ascii < FirstBeyond; ascii++)
        {
            bits[ascii / 64] |= set.Contains(ascii) ? 1UL << ascii : 0;
        }

        foreach (var (from, to) in Intervals(set, _starts))
        {
            foreach (var symbol in _symbols.AsSpan(from, to - from))
            {
                bits[IndexOf(symbol) / 64] |= 1UL << IndexOf(symbol);
            }
        }

        return bits;
    }

    /// <summary>Translates a text; gives the number of units written, at most the length of the text.</summary>
    public int Map(string text, Span<char> mapped)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            mapped[length++] = rune.IsAscii ? (char)rune.Value : _symbols[IntervalOf(rune.Value, _starts)];
        }

        return length;
    }

    private static void Collect(Re2Node node, HashSet<CodePointSet> sets)
    {
        switch (node)
        {
            case Re2Node.Letter letter:
                sets.Add(letter.Set);
                break;
            case Re2Node.Repeat repeat:
                Collect(repeat.Part, sets);
                break;
            case Re2Node.Sequence sequence:
                Array.ForEach(sequence.Parts, part => Collect(part, sets));
                break;
            case Re2Node.Choice choice:
                Array.ForEach(choice.Options, option => Collect(option, sets));
                break;
        }
    }

    private static IEnumerable<(int From, int To)> Intervals(CodePointSet set, int[] starts)
    {
        foreach (var (first, last) in set.Ranges)
        {
            if (last >= FirstBeyond)
            {
                yield return (IntervalOf(Math.Max(first, FirstBeyond), starts), IntervalOf(last, starts) + 1);
            }
        }
    }

    private static int IntervalOf(int codePoint, int[] starts)
    {
        var index = Array.BinarySearch(starts, codePoint);
        return index < 0 ? ~index - 1 : index;
    }

    private static void AppendRange(StringBuilder output, int first, int last)
    {
        if (last >= first)
        {
            output.Append(CultureInfo.InvariantCulture, $@"\u{first:X4}-\u{last:X4}");
        }
    }
}
