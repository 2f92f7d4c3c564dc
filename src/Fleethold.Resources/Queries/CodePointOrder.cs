namespace Fleethold.Resources.Queries;

/// <summary>
/// Orders texts by code point, which is the order of their UTF-8 bytes and so the order of clients and of the original server.
/// .NET's ordinal order differs from it: it puts U+10000 and above (surrogate pairs) before U+E000.
/// </summary>
public sealed class CodePointOrder : IComparer<string>
{
    private CodePointOrder()
    {
    }

    /// <summary>The order, for sorting.</summary>
    public static CodePointOrder Instance { get; } = new();

    /// <summary>Negative, zero or positive, as <paramref name="left"/> sorts before, with or after <paramref name="right"/>.</summary>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        return Rank(left[common]).CompareTo(Rank(right[common]));
    }

    int IComparer<string>.Compare(string? left, string? right) => Compare(left, right);

    // Surrogates go behind U+E000 to U+FFFF; the order within both stays.
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
