namespace Fleethold.Architecture;

/// <summary>How a rule of the house fails: with every violation, one a line.</summary>
internal static class Rule
{
    /// <summary>Fails with all violations and what to do about them.</summary>
    public static void Holds(IEnumerable<string> violations, string remedy)
    {
        var found = violations.ToList();
        Assert.True(found.Count == 0, $"{remedy}\n  {string.Join("\n  ", found)}");
    }
}
