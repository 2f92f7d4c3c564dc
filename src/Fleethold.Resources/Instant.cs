using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Fleethold.Resources;

/// <summary>
/// A point in time in UTC with the nanoseconds of <c>google.protobuf.Timestamp</c>, which no BCL type keeps.
/// </summary>
/// <param name="Seconds">Whole seconds since 1970-01-01T00:00:00Z.</param>
/// <param name="Nanos">Nanoseconds within the second, 0 to 999,999,999.</param>
public readonly record struct Instant(long Seconds, int Nanos) : IComparable<Instant>
{
    private const long First = -62135596800;
    private const long Last = 253402300799;

    /// <summary>The moment that an injected clock shows, cut to 100 ns.</summary>
    public static Instant Now(TimeProvider clock) => FromDateTimeOffset(clock.GetUtcNow());

    /// <summary>Converts without loss.</summary>
    public static Instant FromDateTimeOffset(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTime.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        return rest < 0 ? new Instant(seconds - 1, (int)(rest + TimeSpan.TicksPerSecond) * 100) : new Instant(seconds, (int)rest * 100);
    }

    /// <summary>Converts; nanoseconds below 100 are cut. Values outside year 1 to 9999 are clamped.</summary>
    public DateTimeOffset ToDateTimeOffset()
    {
        var seconds = Math.Clamp(Seconds, First, Last);
        return DateTimeOffset.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond + Nanos / 100);
    }

    /// <summary>The wire message.</summary>
    public Timestamp ToTimestamp() => new() { Seconds = Seconds, Nanos = Nanos };

    /// <summary>Reads the wire message; an absent one is the Unix epoch, as Go's clients take it.</summary>
    public static Instant FromTimestamp(Timestamp? timestamp) => timestamp is null ? default : FromParts(timestamp.Seconds, timestamp.Nanos);

    /// <summary>Nanoseconds outside of a second are carried over; times outside of year 1 to 9999, the range of the wire message, are clamped.</summary>
    public static Instant FromParts(long seconds, int nanos)
    {
        var carry = Math.DivRem(nanos, 1_000_000_000, out var rest);
        if (rest < 0)
            (carry, rest) = (carry - 1, rest + 1_000_000_000);

        return new Instant(Math.Clamp(Math.Clamp(seconds, First, Last) + carry, First, Last), rest);
    }

    /// <summary>The zero time of the wire, 0001-01-01T00:00:00Z.</summary>
    public static Instant Zero => new(First, 0);

    /// <inheritdoc/>
    public int CompareTo(Instant other) => (Seconds, Nanos).CompareTo((other.Seconds, other.Nanos));

    /// <summary>RFC 3339 in whole seconds, the form of YAML and JSON.</summary>
    public override string ToString() => ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
