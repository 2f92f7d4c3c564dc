using Fleethold.Resources.Wire;

namespace Fleethold.Cli.Commands;

/// <summary>Text selectors as label queries of the wire.</summary>
internal static class Selectors
{
    /// <summary>Reads one selector.</summary>
    /// <exception cref="CommandFailure">It can't be understood.</exception>
    public static LabelQuery Parse(string text)
    {
        var query = new LabelQuery();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var equal = part.Split('=', 2, StringSplitOptions.TrimEntries);
            query.Terms.Add(equal.Length == 2
                ? new LabelTerm { Key = equal[0], Op = LabelTerm.Types.Operation.Equal, Value = { equal[1] } }
                : new LabelTerm { Key = equal[0] });
        }

        return query;
    }
}
