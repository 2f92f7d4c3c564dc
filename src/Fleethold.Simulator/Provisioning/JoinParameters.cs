using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Fleethold.Simulator.Provisioning;

/// <summary>What kernel arguments tell a machine about its server (reference/siderolink.md 6).</summary>
/// <param name="Api">Where to provision; <c>http</c> for plaintext HTTP/2, <c>https</c> for TLS.</param>
/// <param name="Token">The join token; null when there is none.</param>
/// <param name="WantsGrpcTunnel">True when the URL asks for the gRPC tunnel.</param>
/// <param name="Events">The event sink inside the tunnel; null sends no events.</param>
/// <param name="Logs">The log receiver inside the tunnel; null sends no log lines.</param>
internal sealed record JoinParameters(Uri Api, string? Token, bool WantsGrpcTunnel, IPEndPoint? Events, IPEndPoint? Logs)
{
    /// <summary>Where the event sink of every server is.</summary>
    public static IPEndPoint DefaultEvents { get; } = new(Fleethold.SideroLink.Wire.TunnelAddresses.Server, 8090);

    /// <summary>Where the log receiver of every server is.</summary>
    public static IPEndPoint DefaultLogs { get; } = new(Fleethold.SideroLink.Wire.TunnelAddresses.Server, 8092);

    /// <summary>Reads the three arguments out of a kernel command line; other arguments are left alone.</summary>
    /// <param name="arguments">Arguments, separated by spaces.</param>
    /// <param name="parameters">What they say.</param>
    /// <param name="problem">What is wrong and what would be right.</param>
    public static bool TryParse(string arguments, [NotNullWhen(true)] out JoinParameters? parameters, [NotNullWhen(false)] out string? problem)
    {
        var (api, events, logs) = (default(string), default(IPEndPoint), default(IPEndPoint));
        parameters = null;
        problem = null;
        foreach (var argument in arguments.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var at = argument.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = at < 0 ? (argument, "") : (argument[..at], argument[(at + 1)..]);
            switch (name)
            {
                case "siderolink.api":
                    api = value;
                    break;
                case "talos.events.sink" when !IPEndPoint.TryParse(value, out events):
                    problem = $"talos.events.sink must be an address and port, as in [fdae:41e4:649b:9303::1]:8090; it is '{value}'";
                    return false;
                case "talos.logging.kernel" when !TryParseLogs(value, out logs):
                    problem = $"talos.logging.kernel must be a TCP URL, as in tcp://[fdae:41e4:649b:9303::1]:8092; it is '{value}'";
                    return false;
            }
        }

        if (api is null)
        {
            problem = "the kernel arguments have no siderolink.api=...; take them from `fhctl join-config` or give --api and --token";
            return false;
        }

        return TryParseApi(api, events, logs, out parameters, out problem);
    }

    /// <summary>Reads the URL of the provisioning API in the forms that Talos takes (reference/siderolink.md 6.2).</summary>
    public static bool TryParseApi(
        string text, IPEndPoint? events, IPEndPoint? logs, [NotNullWhen(true)] out JoinParameters? parameters, [NotNullWhen(false)] out string? problem)
    {
        parameters = null;
        problem = null;
        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"grpc://{text}";
        if (!Uri.TryCreate(full, UriKind.Absolute, out var url) || url.Host.Length == 0 || (url.IsDefaultPort && url.Scheme != Uri.UriSchemeHttps) || url.Port <= 0)
        {
            problem = $"'{text}' is not the URL of a provisioning API; it looks like https://host:8090?jointoken=TOKEN or grpc://host:8090?jointoken=TOKEN";
            return false;
        }

        string? token = null;
        var tunnel = false;
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var value = at < 0 ? "" : Uri.UnescapeDataString(pair[(at + 1)..].Replace('+', ' '));
            switch (at < 0 ? pair : pair[..at])
            {
                case "jointoken":
                    token ??= value;
                    break;
                case "grpc_tunnel":
                    tunnel = value is "true" or "y";
                    break;
            }
        }

        var scheme = url.Scheme == "grpc" ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        parameters = new(new UriBuilder(scheme, url.IdnHost, url.Port).Uri, token, tunnel, events, logs);
        return true;
    }

    private static bool TryParseLogs(string value, [NotNullWhen(true)] out IPEndPoint? logs)
    {
        logs = null;
        const string Scheme = "tcp://";
        return value.StartsWith(Scheme, StringComparison.Ordinal) && IPEndPoint.TryParse(value[Scheme.Length..].TrimEnd('/'), out logs);
    }
}
