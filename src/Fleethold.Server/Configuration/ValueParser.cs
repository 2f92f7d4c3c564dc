using System.Globalization;
using System.Text.Json;
using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>Turns text into values: string, long, double, bool, <see cref="TimeSpan"/>, list of strings, map of strings.</summary>
internal static class ValueParser
{
    /// <summary>The value that a default of the table means; null for none.</summary>
    public static object? Default(ConfigurationKey key, Defaults defaults) => key.DefaultOf(defaults) switch
    {
        null => null,
        var text when key.Type == KeyType.List => JsonSerializer.Deserialize<string[]>(text)!,
        var text => Scalar(key, text).Value ?? throw new InvalidOperationException($"the default of {key.Path} isn't a {key.Type}"),
    };

    /// <summary>The value of a text, or what is wrong with it and what to do. Not for lists and maps.</summary>
    public static (object? Value, string What, string Remedy) Scalar(ConfigurationKey key, string text)
    {
        if (key.MustNotBeEmpty && text.Length == 0)
        {
            return Wrong("must not be empty", "give a value or remove the key");
        }

        if (key.Values.Count > 0 && text.Length > 0 && !key.Values.Contains(text))
        {
            return Wrong($"{Quoted(key, text)} isn't one of the allowed values", $"use one of {string.Join(", ", key.Values)}");
        }

        return key.Type switch
        {
            KeyType.Endpoint when text.Length > 0 && !ListenAddress.TryParse(text, out _) =>
                Wrong($"{Quoted(key, text)} isn't an address to listen on", "write ip:port, localhost:port or :port for all addresses"),
            KeyType.IpEndpoint when text.Length > 0 && !(ListenAddress.TryParse(text, out var address) && address.Address is not null) =>
                Wrong($"{Quoted(key, text)} isn't an IP address with a port", "write ip:port, for IPv6 [ip]:port"),
            KeyType.Url when text.Length > 0 && !IsUrl(text) =>
                Wrong($"{Quoted(key, text)} isn't an http or https URL", "write it with scheme and host, without user and password"),
            KeyType.Path when text.Contains('\0') => Wrong("a path can't contain a zero byte", "remove it"),
            KeyType.Duration => GoDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero
                ? (duration.Value, "", "")
                : Wrong($"{Quoted(key, text)} isn't a duration", "write a number with a unit, as in 10s or 1h30m"),
            KeyType.Integer => Integer(text) is { } number && number >= 0
                ? (number, "", "")
                : Wrong($"{Quoted(key, text)} isn't a whole number from 0 to {long.MaxValue}", "write digits only"),
            KeyType.Port => Integer(text) is { } port and >= 1 and <= 65535
                ? (port, "", "")
                : Wrong($"{Quoted(key, text)} isn't a port", "write a number from 1 to 65535"),
            KeyType.Share => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1
                ? (share, "", "")
                : Wrong($"{Quoted(key, text)} isn't a number from 0 to 1", "write it as in 0.01"),
            KeyType.Switch => text switch
            {
                "true" => (true, "", ""),
                "false" => (false, "", ""),
                _ => Wrong($"{Quoted(key, text)} is neither true nor false", "write true or false"),
            },
            KeyType.List or KeyType.Map => throw new ArgumentException($"{key.Path} is no scalar", nameof(key)),
            _ => (text, "", ""),
        };
    }

    /// <summary>The value in quotes for a message; for a secret, no more than the word.</summary>
    public static string Quoted(ConfigurationKey key, string text) =>
        key.IsSecret ? "the value" : key.Type == KeyType.Url && text.Contains('@') ? "a URL with '@'" : $"'{Problem.Shown(text)}'";

    /// <summary>The same value, whatever way it was written in.</summary>
    public static bool Same(object? left, object? right) => (left, right) switch
    {
        (IReadOnlyList<string> a, IReadOnlyList<string> b) => a.SequenceEqual(b, StringComparer.Ordinal),
        (IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
            a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out var value) && value == pair.Value),
        _ => Equals(left, right),
    };

    private static (object? Value, string What, string Remedy) Wrong(string what, string remedy) => (null, what, remedy);

    private static bool IsUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.UserInfo.Length == 0;

    // The forms of whole numbers that Go's YAML reads.
    private static long? Integer(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        return digits switch
        {
            ['0', 'x', .. var hex] => long.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var n) ? n : null,
            ['0', 'b', .. var bits] => long.TryParse(bits, NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out var n) ? n : null,
            _ => long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : null,
        };
    }
}
