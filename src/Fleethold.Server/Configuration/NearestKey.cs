using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>Finds what somebody may have meant.</summary>
internal static class NearestKey
{
    private const int MaxLength = 100;

    /// <summary>The known key or section nearest to an unknown path: first among its siblings, then everywhere; null if none is near.</summary>
    public static string? ToPath(string path)
    {
        var section = path[..(path.LastIndexOf('.') + 1)];
        var name = path[section.Length..];
        var known = KeyTable.All.Select(key => key.Path).Concat(KeyTable.Sections).ToList();
        return Nearest(path, known.Where(other => other.StartsWith(section, StringComparison.Ordinal) && !other[section.Length..].Contains('.')))
            ?? Nearest(path, known)
            ?? known.Where(other => other.EndsWith("." + name, StringComparison.OrdinalIgnoreCase)).MinBy(other => Distance(path, other));
    }

    /// <summary>The flag nearest to an unknown one; null if none is near.</summary>
    public static string? ToFlag(string flag) => Nearest(flag, KeyTable.ByFlag.Keys.Append("--config-path"));

    private static string? Nearest(string text, IEnumerable<string> known)
    {
        if (text.Length > MaxLength)
        {
            return null;
        }

        var best = known.Select(other => (other, distance: Distance(text, other))).OrderBy(pair => pair.distance).ThenBy(pair => pair.other, StringComparer.Ordinal)
            .FirstOrDefault();
        var name = text.Length - (text.LastIndexOf('.') + 1);
        return best.other is not null && best.distance <= Math.Max(2, name / 3) && best.distance < Math.Max(2, name) ? best.other : null;
    }

    // Levenshtein's distance, without regard to case.
    private static int Distance(string left, string right)
    {
        if (left.Length > MaxLength || right.Length > MaxLength)
        {
            return int.MaxValue;
        }

        Span<int> row = stackalloc int[right.Length + 1];
        for (var j = 0; j < row.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 0; i < left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < right.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(left[i]) == char.ToLowerInvariant(right[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(change, 1 + Math.Min(row[j], row[j + 1]));
            }
        }

        return row[^1];
    }
}
