using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Fleethold.SideroLink.Provision;

/// <summary>
/// The URL that machines register at, with its query (reference/siderolink.md 6.1 and 6.2). All but the query stays as it was written: the platform's
/// own type adds a path and drops ports.
/// </summary>
internal static class MachineApiUrl
{
    private const string TokenKey = "jointoken";
    private const string TunnelKey = "grpc_tunnel";

    /// <summary>Adds the token, and the wish for the gRPC tunnel, to the query that the URL has; keys come out sorted.</summary>
    /// <param name="url">The advertised URL.</param>
    /// <param name="token">The encoded join token.</param>
    /// <param name="useGrpcTunnel">Whether machines shall ask for the tunnel.</param>
    /// <param name="full">The whole URL.</param>
    /// <param name="error">Why the URL is none.</param>
    public static bool TryComplete(string url, string token, bool useGrpcTunnel, [NotNullWhen(true)] out string? full, [NotNullWhen(false)] out string? error)
    {
        full = null;
        error = Problem(url) is { } problem ? $"parse \"{url}\": {problem}" : null;
        if (error is not null)
        {
            return false;
        }

        var text = url.AsSpan();
        var hash = text.IndexOf('#');
        var fragment = hash < 0 ? "" : text[hash..];
        text = hash < 0 ? text : text[..hash];
        var mark = text.IndexOf('?');
        var values = mark < 0 ? new SortedDictionary<string, List<string>>(StringComparer.Ordinal) : ReadQuery(text[(mark + 1)..].ToString());
        values[TokenKey] = [token];
        if (useGrpcTunnel)
        {
            values[TunnelKey] = ["true"];
        }

        var query = string.Join('&', values.SelectMany(pair => pair.Value.Select(value => $"{Escape(pair.Key)}={Escape(value)}")));
        full = $"{(mark < 0 ? text : text[..mark])}?{query}{fragment}";
        return true;
    }

    private static string? Problem(string url)
    {
        if (url.AsSpan().ContainsAnyInRange('\0', ' ') || url.Contains('\u007f'))
        {
            return "a URL must not contain blanks or control characters";
        }

        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme == 0)
        {
            return "missing protocol scheme";
        }

        var rest = scheme < 0 ? url.AsSpan() : url.AsSpan(scheme + 3);
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        return authority.Contains('[') && !authority.Contains(']') ? "missing ']' in host" : null;
    }

    private static SortedDictionary<string, List<string>> ReadQuery(string query)
    {
        var values = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);

        // What can't be read is left out, as upstream does.
        foreach (var pair in query.Split('&').Where(pair => pair.Length > 0 && !pair.Contains(';')))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var key = Unescape(equals < 0 ? pair : pair[..equals]);
            if (!values.TryGetValue(key, out var list))
            {
                values[key] = list = [];
            }

            list.Add(equals < 0 ? "" : Unescape(pair[(equals + 1)..]));
        }

        return values;
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            var letter = (char)one;
            _ = char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '~' ? escaped.Append(letter)
                : letter == ' ' ? escaped.Append('+')
                : escaped.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
        }

        return escaped.ToString();
    }
}
