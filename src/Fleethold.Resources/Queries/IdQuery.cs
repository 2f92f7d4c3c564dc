namespace Fleethold.Resources.Queries;

/// <summary>
/// An unanchored RE2 regular expression over ids (reference/resources.md 1.6), run without backtracking.
/// </summary>
public sealed class IdQuery
{
    private IdQuery(string pattern) => Pattern = pattern;

    /// <summary>The expression as given.</summary>
    public string Pattern { get; }

    /// <summary>Compiles an expression. Too long a text (over 1 KiB), a syntax error or a construct that RE2 lacks is a <see cref="Fault.Invalid"/>.</summary>
    public static Outcome<IdQuery> Compile(string pattern) => new IdQuery(pattern);

    /// <summary>Whether the id matches anywhere.</summary>
    public bool Matches(string id) => throw new NotImplementedException();
}
