using System.Globalization;
using System.Text;

namespace Fleethold.Cli.Commands;

/// <summary>A length of time as omnictl takes and shows it: <c>24h</c>, <c>1h30m</c>, <c>0</c>.</summary>
internal static class TimeToLive
{
    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        ("ns", 0.01m),
        ("us", TimeSpan.TicksPerMicrosecond),
        ("µs", TimeSpan.TicksPerMicrosecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>The longest that is taken: about what omnictl can say.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2_500_000);

    /// <summary>Reads one.</summary>
    /// <exception cref="CommandFailure">It is none, negative or too long.</exception>
    public static TimeSpan Parse(string text)
    {
        var ticks = 0m;
        var rest = text.AsSpan();
        if (text is not "0")
        {
            do
            {
                var number = rest.IndexOfAnyExcept("0123456789.");
                if (number < 1 || !decimal.TryParse(rest[..number], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) || amount > 1e15m)
                {
                    throw Wrong(text);
                }

                rest = rest[number..];
                var length = rest.IndexOfAny("0123456789.");
                var name = (length < 0 ? rest : rest[..length]).ToString();
                var unit = Units.FirstOrDefault(one => one.Unit == name);
                ticks += unit.Unit is null ? throw Wrong(text) : amount * unit.Ticks;
                rest = rest[name.Length..];
            }
            while (rest.Length > 0);
        }

        return ticks <= Longest.Ticks ? new TimeSpan((long)ticks) : throw Wrong(text);
    }

    /// <summary>Writes one, for example <c>48h0m0s</c>.</summary>
    public static string Format(TimeSpan time)
    {
        var text = new StringBuilder();
        if (time >= TimeSpan.FromHours(1))
        {
            text.Append(CultureInfo.InvariantCulture, $"{time.Ticks / TimeSpan.TicksPerHour}h");
        }

        if (time >= TimeSpan.FromMinutes(1))
        {
            text.Append(CultureInfo.InvariantCulture, $"{time.Minutes}m");
        }

        return text.Append(CultureInfo.InvariantCulture, $"{time.Seconds + ((time.Ticks % TimeSpan.TicksPerSecond) / (decimal)TimeSpan.TicksPerSecond):0.#######}s").ToString();
    }

    private static CommandFailure Wrong(string text) => new($"\"{text}\" is no length of time: write hours, minutes and seconds like 24h or 1h30m, at most {Longest.TotalHours:0}h");
}
