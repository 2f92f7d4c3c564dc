using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Fleethold.Server.Configuration;

/// <summary>Durations in the syntax of Go, which Omni files use: <c>10s</c>, <c>1h30m</c>, <c>1.5h</c>, <c>0</c>.</summary>
internal static class GoDuration
{
    private static readonly (string Unit, decimal Nanoseconds)[] Units =
    [
        ("ns", 1), ("us", 1e3m), ("µs", 1e3m), ("μs", 1e3m), ("ms", 1e6m), ("s", 1e9m), ("m", 60e9m), ("h", 3600e9m),
    ];

    /// <summary>Reads one. Parts of 100 ns are cut off; what 64 bits of nanoseconds can't hold (292 years) is refused, as in Go.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TimeSpan? duration)
    {
        duration = null;
        if (text.Length > 64)
        {
            return false;
        }

        var rest = text.AsSpan();
        var isNegative = rest.StartsWith('-');
        if (isNegative || rest.StartsWith('+'))
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            duration = TimeSpan.Zero;
            return true;
        }

        decimal total = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits >= 0 && rest[digits] == '.')
            {
                var more = rest[(digits + 1)..].IndexOfAnyExceptInRange('0', '9');
                digits = more < 0 ? -1 : digits + 1 + more;
            }

            if (digits <= 0 || digits > 28 || rest[..digits] is ".")
            {
                return false;
            }

            var number = decimal.Parse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            rest = rest[digits..];
            var unit = Unit(rest);
            if (unit.Unit is null || number > long.MaxValue)
            {
                return false;
            }

            total += number * unit.Nanoseconds;
            if (total > long.MaxValue)
            {
                return false;
            }

            rest = rest[unit.Unit.Length..];
            if (rest.IsEmpty)
            {
                duration = TimeSpan.FromTicks((long)((isNegative ? -total : total) / 100));
                return true;
            }
        }

        return false;
    }

    private static (string? Unit, decimal Nanoseconds) Unit(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAny("0123456789.");
        var name = length < 0 ? text : text[..length];
        foreach (var unit in Units)
        {
            if (name.SequenceEqual(unit.Unit))
            {
                return unit;
            }
        }

        return default;
    }
}
