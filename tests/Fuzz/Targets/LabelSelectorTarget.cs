using System.Text;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Wire;

namespace Fleethold.Fuzz.Targets;

/// <summary>The text of label selectors: what is read is written so that it reads the same, on the wire too, and matches without error.</summary>
internal sealed class LabelSelectorTarget : IFuzzTarget
{
    public string Name => "label-selector";

    public InputShape Shape => InputShape.Text;

    public IReadOnlyList<string> Words { get; } =
        ["a", "in", "notin", " in (", " notin (", "(", ")", ",", "!", "=", "==", "!=", "<", "<=", ">", ">=", "\"", "\\\"", " ", "GiB", "4 Ki", "-5", ";", "\u00A0"];

    public IEnumerable<byte[]> Seeds =>
        new[] { "a", "!a", "a = b, c != \"d \\\" e\"", "a in (b, c), d notin (,e)", "mem >= 16 GiB, cores < 8", "a = b c , d", "\"a b\" > -1" }
            .Select(Encoding.UTF8.GetBytes);

    // A term takes two bytes of text, and is made four times here.
    public long AllocationLimit(int inputLength) => 64_000 + (inputLength * 500L);

    public void Run(ReadOnlySpan<byte> input)
    {
        if (LabelSelector.Parse(Encoding.UTF8.GetString(input)).Succeeded(out var query, out _))
        {
            Check.Same(query, LabelSelector.Parse(LabelSelector.Format(query)).Value);
            Check.Same(query, LabelQueryCodec.FromWire(LabelQueryCodec.ToWire(query)).Value);
            Check.Matches(query);
        }
    }
}
