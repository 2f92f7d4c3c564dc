using Fleethold.Resources;
using Fleethold.Resources.Queries;

namespace Fleethold.Fuzz.Targets;

/// <summary>What several targets check.</summary>
internal static class Check
{
    private static readonly StringMap[] Labels =
    [
        StringMap.Empty,
        StringMap.Of(("a", ""), ("b", "x")),
        StringMap.Of(("a", "4 GiB"), ("in", "é"), ("", "1")),
        StringMap.Of(("a", "-9223372036854775808 Pi"), ("c", "😀")),
    ];

    public static void Same<T>(T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new InvalidOperationException($"expected <{expected}>, got <{actual}>");
        }
    }

    /// <summary>Matching never fails, whatever the query; a query matches what each of its terms does.</summary>
    public static void Matches(LabelQuery query)
    {
        foreach (var labels in Labels)
        {
            Same(query.Terms.All(term => term.Matches(labels)), query.Matches(labels));
        }
    }
}
