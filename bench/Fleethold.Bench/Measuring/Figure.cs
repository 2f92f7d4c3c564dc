using System.Globalization;
using System.Text.Json.Serialization;

namespace Fleethold.Bench.Measuring;

/// <summary>One measured value, beside the same value of a peer where there is one.</summary>
/// <param name="Name">The benchmark, for a headline; otherwise <c>benchmark/case</c>.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Unit">The unit of both values.</param>
/// <param name="Peer">Who else was measured, with its version.</param>
/// <param name="PeerValue">What the peer reached.</param>
internal sealed record Figure(string Name, double Value, string Unit, string? Peer = null, double? PeerValue = null)
{
    /// <summary>Ours divided by the peer's.</summary>
    public double? Ratio => PeerValue is > 0 ? Value / PeerValue : null;

    /// <summary>The line that people read.</summary>
    [JsonIgnore]
    public string Line => PeerValue is { } peer
        ? $"{Name}: {Text(Value)} {Unit}; peer {Text(peer)} {Unit}; ratio {(Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "-")}"
        : $"{Name}: {Text(Value)} {Unit}; peer -; ratio -";

    // Three digits that say something, never an exponent.
    private static string Text(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0000", CultureInfo.InvariantCulture),
    };
}
