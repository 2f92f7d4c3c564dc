using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Fleethold.Server.Configuration;

/// <summary>Where a listener binds.</summary>
/// <param name="Host">An IP address, <c>localhost</c>, or empty for all addresses.</param>
/// <param name="Port">The port; 0 lets the system choose one.</param>
internal sealed record ListenAddress(string Host, int Port)
{
    /// <summary>The IP address; null for <c>localhost</c> and for all addresses.</summary>
    public IPAddress? Address => IPAddress.TryParse(Host, out var address) ? address : null;

    /// <summary>Only programs on this machine can connect.</summary>
    public bool IsLoopback => Host == "localhost" || (Address is { } address && IPAddress.IsLoopback(address));

    /// <summary>Binds every address.</summary>
    public bool IsWildcard => Host.Length == 0 || (Address is { } address && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    /// <summary>Reads <c>ip:port</c>, <c>[ip]:port</c>, <c>localhost:port</c> or <c>:port</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = text[..colon];
        if (host is ['[', .. var bracketed, ']'] && bracketed.Contains(':'))
        {
            host = bracketed;
        }
        else if (host.Contains(':'))
        {
            return false;
        }

        // IPAddress reads "8" as 0.0.0.8: four parts are asked for.
        if (host is "" or "localhost" || (IPAddress.TryParse(host, out _) && (host.Contains(':') || host.Count(c => c == '.') == 3)))
        {
            address = new ListenAddress(host, port);
            return true;
        }

        return false;
    }

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
