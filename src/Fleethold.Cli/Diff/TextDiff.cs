using System.Text;

namespace Fleethold.Cli.Diff;

/// <summary>What became of a piece of text.</summary>
internal enum EditKind
{
    /// <summary>It is in both.</summary>
    Equal,

    /// <summary>It is only in the old text.</summary>
    Delete,

    /// <summary>It is only in the new text.</summary>
    Insert,
}

/// <summary>A piece of text and what became of it.</summary>
internal readonly record struct Edit(EditKind Kind, string Text);

/// <summary>
/// The difference of two texts, character by character: Myers' shortest edit script, searched from both ends, after what both texts share
/// at their ends and a long shared middle were taken out. omnictl's dry runs show differences in this grain.
/// </summary>
internal static class TextDiff
{
    /// <summary>Texts whose edit script is longer are shown as replaced; it bounds the time.</summary>
    private const int MaxSteps = 4_000;

    /// <summary>The edits that lead from one text to the other, each piece as long as can be; what is deleted stands before what is inserted.</summary>
    public static IReadOnlyList<Edit> Compare(string old, string @new)
    {
        var edits = new List<Edit>();
        Compare(old, @new, edits);
        return Settle(edits);
    }

    /// <summary>The new text with deletions in red and insertions in green, as terminals show it.</summary>
    public static string Colored(IEnumerable<Edit> edits)
    {
        var text = new StringBuilder();
        foreach (var (kind, piece) in edits)
        {
            _ = kind switch
            {
                EditKind.Delete => text.Append("\u001b[31m").Append(piece).Append("\u001b[0m"),
                EditKind.Insert => text.Append("\u001b[32m").Append(piece).Append("\u001b[0m"),
                _ => text.Append(piece),
            };
        }

        return text.ToString();
    }

    private static void Compare(ReadOnlySpan<char> old, ReadOnlySpan<char> @new, List<Edit> edits)
    {
        var prefix = old.CommonPrefixLength(@new);
        Append(edits, EditKind.Equal, old[..prefix]);
        old = old[prefix..];
        @new = @new[prefix..];

        var suffix = CommonSuffix(old, @new);
        Middle(old[..^suffix], @new[..^suffix], edits);
        Append(edits, EditKind.Equal, old[^suffix..]);
    }

    /// <summary>Texts that share neither their first nor their last character.</summary>
    private static void Middle(ReadOnlySpan<char> old, ReadOnlySpan<char> @new, List<Edit> edits)
    {
        if (old.IsEmpty || @new.IsEmpty)
        {
            Append(edits, EditKind.Delete, old);
            Append(edits, EditKind.Insert, @new);
            return;
        }

        var oldIsLonger = old.Length > @new.Length;
        var longer = oldIsLonger ? old : @new;
        var shorter = oldIsLonger ? @new : old;
        var inside = longer.IndexOf(shorter);
        if (inside >= 0)
        {
            var kind = oldIsLonger ? EditKind.Delete : EditKind.Insert;
            Append(edits, kind, longer[..inside]);
            Append(edits, EditKind.Equal, shorter);
            Append(edits, kind, longer[(inside + shorter.Length)..]);
            return;
        }

        if (shorter.Length == 1)
        {
            Append(edits, EditKind.Delete, old);
            Append(edits, EditKind.Insert, @new);
            return;
        }

        if (SharedMiddle.Find(longer, shorter) is { } shared)
        {
            var (oldAt, newAt) = oldIsLonger ? (shared.InLonger, shared.InShorter) : (shared.InShorter, shared.InLonger);
            Compare(old[..oldAt], @new[..newAt], edits);
            Append(edits, EditKind.Equal, old.Slice(oldAt, shared.Length));
            Compare(old[(oldAt + shared.Length)..], @new[(newAt + shared.Length)..], edits);
            return;
        }

        Split(old, @new, edits);
    }

    /// <summary>Finds the middle of a shortest edit script by walking from both ends at once, and goes on with both halves.</summary>
    private static void Split(ReadOnlySpan<char> old, ReadOnlySpan<char> @new, List<Edit> edits)
    {
        var half = (old.Length + @new.Length + 1) / 2;
        var size = 2 * half + 2;
        var ahead = new int[size];
        var back = new int[size];
        Array.Fill(ahead, -1);
        Array.Fill(back, -1);
        ahead[half + 1] = 0;
        back[half + 1] = 0;
        var delta = old.Length - @new.Length;
        var meetsAhead = delta % 2 != 0;
        var (aheadLow, aheadHigh, backLow, backHigh) = (0, 0, 0, 0);

        for (var steps = 0; steps < half && steps < MaxSteps; steps++)
        {
            for (var diagonal = -steps + aheadLow; diagonal <= steps - aheadHigh; diagonal += 2)
            {
                var at = half + diagonal;
                var x = diagonal == -steps || (diagonal != steps && ahead[at - 1] < ahead[at + 1]) ? ahead[at + 1] : ahead[at - 1] + 1;
                var y = x - diagonal;
                while (x < old.Length && y < @new.Length && old[x] == @new[y])
                {
                    x++;
                    y++;
                }

                ahead[at] = x;
                if (x > old.Length)
                {
                    aheadHigh += 2;
                }
                else if (y > @new.Length)
                {
                    aheadLow += 2;
                }
                else if (meetsAhead)
                {
                    var mirror = half + delta - diagonal;
                    if (mirror >= 0 && mirror < size && back[mirror] != -1 && x >= old.Length - back[mirror])
                    {
                        Halves(old, @new, x, y, edits);
                        return;
                    }
                }
            }

            for (var diagonal = -steps + backLow; diagonal <= steps - backHigh; diagonal += 2)
            {
                var at = half + diagonal;
                var x = diagonal == -steps || (diagonal != steps && back[at - 1] < back[at + 1]) ? back[at + 1] : back[at - 1] + 1;
                var y = x - diagonal;
                while (x < old.Length && y < @new.Length && old[^(x + 1)] == @new[^(y + 1)])
                {
                    x++;
                    y++;
                }

                back[at] = x;
                if (x > old.Length)
                {
                    backHigh += 2;
                }
                else if (y > @new.Length)
                {
                    backLow += 2;
                }
                else if (!meetsAhead)
                {
                    var mirror = half + delta - diagonal;
                    if (mirror >= 0 && mirror < size && ahead[mirror] != -1)
                    {
                        var aheadX = ahead[mirror];
                        if (aheadX >= old.Length - x)
                        {
                            Halves(old, @new, aheadX, half + aheadX - mirror, edits);
                            return;
                        }
                    }
                }
            }
        }

        Append(edits, EditKind.Delete, old);
        Append(edits, EditKind.Insert, @new);
    }

    private static void Halves(ReadOnlySpan<char> old, ReadOnlySpan<char> @new, int x, int y, List<Edit> edits)
    {
        Compare(old[..x], @new[..y], edits);
        Compare(old[x..], @new[y..], edits);
    }

    /// <summary>
    /// Joins neighbours of one kind, orders deletions before insertions, and moves what a deletion and an insertion share at their ends
    /// into the equal text around them.
    /// </summary>
    private static List<Edit> Settle(List<Edit> edits)
    {
        for (var changed = true; changed;)
        {
            edits = Join(edits);
            changed = Shift(edits);
        }

        return edits;
    }

    private static List<Edit> Join(List<Edit> edits)
    {
        var joined = new List<Edit>();
        var (deleted, inserted) = (new StringBuilder(), new StringBuilder());
        foreach (var (kind, text) in edits.Append(new Edit(EditKind.Equal, "")))
        {
            if (kind == EditKind.Delete)
            {
                deleted.Append(text);
                continue;
            }

            if (kind == EditKind.Insert)
            {
                inserted.Append(text);
                continue;
            }

            var (gone, come) = (deleted.ToString(), inserted.ToString());
            var prefix = gone.AsSpan().CommonPrefixLength(come);
            var suffix = CommonSuffix(gone.AsSpan(prefix), come.AsSpan(prefix));
            Append(joined, EditKind.Equal, gone.AsSpan(0, prefix));
            Append(joined, EditKind.Delete, gone.AsSpan(prefix, gone.Length - prefix - suffix));
            Append(joined, EditKind.Insert, come.AsSpan(prefix, come.Length - prefix - suffix));
            Append(joined, EditKind.Equal, string.Concat(gone.AsSpan(gone.Length - suffix), text));
            deleted.Clear();
            inserted.Clear();
        }

        return joined;
    }

    /// <summary>A single edit between two equal pieces is moved sideways where that swallows one of them.</summary>
    private static bool Shift(List<Edit> edits)
    {
        var changed = false;
        for (var i = 1; i < edits.Count - 1; i++)
        {
            var (before, edit, after) = (edits[i - 1], edits[i], edits[i + 1]);
            if (before.Kind != EditKind.Equal || after.Kind != EditKind.Equal || edit.Kind == EditKind.Equal)
            {
                continue;
            }

            if (edit.Text.EndsWith(before.Text, StringComparison.Ordinal))
            {
                edits[i] = edit with { Text = before.Text + edit.Text[..^before.Text.Length] };
                edits[i + 1] = after with { Text = before.Text + after.Text };
                edits.RemoveAt(i - 1);
                changed = true;
            }
            else if (edit.Text.StartsWith(after.Text, StringComparison.Ordinal))
            {
                edits[i - 1] = before with { Text = before.Text + after.Text };
                edits[i] = edit with { Text = edit.Text[after.Text.Length..] + after.Text };
                edits.RemoveAt(i + 1);
                changed = true;
            }
        }

        return changed;
    }

    private static void Append(List<Edit> edits, EditKind kind, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (edits.Count > 0 && edits[^1].Kind == kind)
        {
            edits[^1] = new Edit(kind, string.Concat(edits[^1].Text, text));
            return;
        }

        edits.Add(new Edit(kind, text.ToString()));
    }

    private static int CommonSuffix(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        var length = 0;
        while (length < one.Length && length < other.Length && one[^(length + 1)] == other[^(length + 1)])
        {
            length++;
        }

        return length;
    }
}
