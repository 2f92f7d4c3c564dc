using System.Text;

namespace Fleethold.Server.Configuration;

/// <summary>Something wrong with the configuration, in the words that are shown.</summary>
/// <param name="Origin">Where: <c>file:line:column</c>, a flag, an environment variable; empty where there is no such place.</param>
/// <param name="Key">The path of the key; null where there is none.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record Problem(string Origin, string? Key, string What, string Remedy)
{
    private const int MaxShown = 120;

    /// <summary>One line: origin, key, what is wrong, what to do.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Origin.Length > 0)
        {
            text.Append(Origin).Append(": ");
        }

        if (Key is not null)
        {
            text.Append(Key).Append(": ");
        }

        return text.Append(What).Append("; ").Append(Remedy).ToString();
    }

    /// <summary>Text that somebody else wrote, fit for a message: on one line, without control characters, not too long.</summary>
    public static string Shown(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= MaxShown)
            {
                return shown.Append('…').ToString();
            }

            shown.Append(Rune.IsControl(rune) ? "?" : rune.ToString());
        }

        return shown.ToString();
    }
}

/// <summary>Collects what is wrong, so that all of it can be shown at once. Bounded.</summary>
internal sealed class ProblemList
{
    private const int Max = 1000;

    private readonly List<Problem> _problems = [];

    /// <summary>All of them, in the order found.</summary>
    public IReadOnlyList<Problem> All => _problems;

    /// <summary>No more are taken, so there is no use in looking for more.</summary>
    public bool IsFull => _problems.Count > Max;

    /// <summary>Adds one.</summary>
    public void Add(string origin, string? key, string what, string remedy)
    {
        if (_problems.Count == Max)
        {
            _problems.Add(new Problem("", null, $"there are more than {Max} problems", "solve these first"));
        }
        else if (!IsFull)
        {
            _problems.Add(new Problem(origin, key, what, remedy));
        }
    }
}
