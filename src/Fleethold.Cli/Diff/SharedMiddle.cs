namespace Fleethold.Cli.Diff;

/// <summary>A piece that two texts share and that is at least half as long as the longer one.</summary>
/// <param name="InLonger">Where it begins in the longer text.</param>
/// <param name="InShorter">Where it begins in the shorter text.</param>
/// <param name="Length">How long it is.</param>
internal readonly record struct SharedMiddle(int InLonger, int InShorter, int Length)
{
    /// <summary>
    /// Looks for such a piece; null when there is none. Seeds are the second and the third quarter of the longer text:
    /// a piece of half its length must contain one of them.
    /// </summary>
    public static SharedMiddle? Find(ReadOnlySpan<char> longer, ReadOnlySpan<char> shorter)
    {
        if (longer.Length < 4 || shorter.Length * 2 < longer.Length)
        {
            return null;
        }

        var second = Around(longer, shorter, (longer.Length + 3) / 4);
        var third = Around(longer, shorter, (longer.Length + 1) / 2);
        return second is null ? third
            : third is null ? second
            : second.Value.Length > third.Value.Length ? second : third;
    }

    private static SharedMiddle? Around(ReadOnlySpan<char> longer, ReadOnlySpan<char> shorter, int start)
    {
        var seed = longer.Slice(start, longer.Length / 4);
        SharedMiddle? best = null;
        for (var at = shorter.IndexOf(seed); at >= 0;)
        {
            var after = longer[start..].CommonPrefixLength(shorter[at..]);
            var before = 0;
            while (before < start && before < at && longer[start - before - 1] == shorter[at - before - 1])
            {
                before++;
            }

            if (best is null || best.Value.Length < before + after)
            {
                best = new SharedMiddle(start - before, at - before, before + after);
            }

            var next = shorter[(at + 1)..].IndexOf(seed);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return best is { } found && found.Length * 2 >= longer.Length ? best : null;
    }
}
