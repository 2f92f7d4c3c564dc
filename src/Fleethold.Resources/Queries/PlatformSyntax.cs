using System.Globalization;
using System.Text;

namespace Fleethold.Resources.Queries;

/// <summary>
/// Expressions in the syntax of the platform's engine, which runs the short and simple ones: it is the fastest there. Run without
/// backtracking it takes linear time too, but builds its automaton from derivatives, whose number and size explode where repetitions
/// meet: expressions of 100 characters were measured at 1.3 GB and 9 s on an id of 1,000 letters, one of 25 at 6 GB. And each letter costs
/// some 100 KB to compile. So all others go to <see cref="Re2Program"/>.
/// </summary>
internal static class PlatformSyntax
{
    private const int CheapSize = 24;
    private const int CheapRepeats = 2;

    /// <summary>Whether the platform's engine takes the expression in little memory: short, and at most two repetitions, without counts, of single letters.</summary>
    public static bool IsCheap(Re2Node expression)
    {
        var repeats = 0;
        return expression.Size <= CheapSize && IsSimple(expression, ref repeats) && repeats <= CheapRepeats;
    }

    public static string Render(Re2Node expression, Re2Alphabet alphabet)
    {
        var output = new StringBuilder();
        Render(expression, alphabet, output);
        return output.ToString();
    }

    private static bool IsSimple(Re2Node node, ref int repeats)
    {
        switch (node)
        {
            case Re2Node.Repeat repeat:
                repeats++;
                return repeat is { Part: Re2Node.Letter, Min: <= 1, Max: <= 1 };
            case Re2Node.Sequence(var parts):
                return AreSimple(parts, ref repeats);
            case Re2Node.Choice(var options):
                return AreSimple(options, ref repeats);
            default:
                return true;
        }
    }

    private static bool AreSimple(Re2Node[] nodes, ref int repeats)
    {
        foreach (var node in nodes)
        {
            if (!IsSimple(node, ref repeats))
            {
                return false;
            }
        }

        return true;
    }

    private static void Render(Re2Node node, Re2Alphabet alphabet, StringBuilder output)
    {
        switch (node)
        {
            case Re2Node.Letter letter:
                alphabet.Render(letter.Set, output);
                return;
            case Re2Node.At at:
                output.Append(at.Place switch
                {
                    Re2Place.TextStart => @"(?:\A)",
                    Re2Place.TextEnd => @"(?:\z)",
                    Re2Place.LineStart => "(?m:^)",
                    Re2Place.LineEnd => "(?m:$)",
                    Re2Place.WordEdge => @"(?:\b)",
                    _ => @"(?:\B)",
                });
                return;
        }

        output.Append("(?:");
        switch (node)
        {
            case Re2Node.Sequence(var parts):
                foreach (var part in parts)
                {
                    Render(part, alphabet, output);
                }

                break;
            case Re2Node.Choice(var options):
                for (var index = 0; index < options.Length; index++)
                {
                    output.Append(index == 0 ? "" : "|");
                    Render(options[index], alphabet, output);
                }

                break;
            case Re2Node.Repeat repeat:
                Render(repeat.Part, alphabet, output);
                output.Append(CultureInfo.InvariantCulture, $"{{{repeat.Min},{(repeat.Max < 0 ? "" : repeat.Max)}}}");
                break;
        }

        output.Append(')');
    }
}
