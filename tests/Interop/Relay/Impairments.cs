using System.Globalization;

namespace Fleethold.Interop.Relay;

/// <summary>What a bad network does to each datagram, decided from a seed.</summary>
/// <param name="Loss">Share that is lost, 0 to 1.</param>
/// <param name="Duplication">Share that arrives twice.</param>
/// <param name="Reordering">Share that is held back by <see cref="HeldBack"/>, so that later ones overtake it.</param>
/// <param name="Delay">How long every datagram takes.</param>
/// <param name="HeldBack">How much longer a reordered or duplicated one takes.</param>
public sealed record Impairments(double Loss, double Duplication, double Reordering, TimeSpan Delay, TimeSpan HeldBack)
{
    /// <summary>A good network.</summary>
    public static Impairments None { get; } = new(0, 0, 0, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Reads the form of <see cref="ToString"/>: five numbers, times in milliseconds.</summary>
    /// <exception cref="FormatException">It isn't that.</exception>
    public static Impairments Parse(string text)
    {
        var parts = text.Split(',').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return parts.Length == 5
            ? new(parts[0], parts[1], parts[2], TimeSpan.FromMilliseconds(parts[3]), TimeSpan.FromMilliseconds(parts[4]))
            : throw new FormatException($"'{text}' has {parts.Length} numbers instead of 5: loss, duplication, reordering, delay and hold-back in ms");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Loss},{Duplication},{Reordering},{Delay.TotalMilliseconds},{HeldBack.TotalMilliseconds}");

    /// <summary>When the copies of the next datagram arrive, after it was sent: none when it is lost.</summary>
    public IReadOnlyList<TimeSpan> Next(Random random)
    {
        // All three are drawn for each datagram, so that one share doesn't move the draws of another.
        var (lost, twice, late) = (random.NextDouble() < Loss, random.NextDouble() < Duplication, random.NextDouble() < Reordering);
        if (lost)
        {
            return [];
        }

        var first = late ? Delay + HeldBack : Delay;
        return twice ? [first, Delay + HeldBack + HeldBack] : [first];
    }
}
