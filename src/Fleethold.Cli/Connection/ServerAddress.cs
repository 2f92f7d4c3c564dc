using Fleethold.Resources;

namespace Fleethold.Cli.Connection;

/// <summary>Which server to speak to, and how.</summary>
internal abstract record ServerAddress
{
    /// <summary>The Unix socket of a server on this machine; its owner has full rights.</summary>
    /// <param name="Path">The path of the socket.</param>
    /// <param name="IsDefault">True when nobody named it.</param>
    internal sealed record Socket(string Path, bool IsDefault = false) : ServerAddress
    {
        /// <inheritdoc/>
        public override string ToString() => $"the Unix socket {Path}";
    }

    /// <summary>A server reached over the network.</summary>
    /// <param name="Url">Scheme https, or http for the plain door on loopback.</param>
    /// <param name="CaFile">PEM file of the authorities that may have signed its certificate; null for those of this machine.</param>
    /// <param name="SkipVerify">Accept any certificate.</param>
    internal sealed record Endpoint(Uri Url, string? CaFile, bool SkipVerify) : ServerAddress
    {
        /// <inheritdoc/>
        public override string ToString() => Url.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>
    /// Picks the server: the options first, then FLEETHOLD_ENDPOINT or FLEETHOLD_SOCKET, then the socket of the default data directory.
    /// </summary>
    /// <exception cref="CommandFailure">The options contradict each other or the URL is broken.</exception>
    public static ServerAddress Choose(string? socket, string? endpoint, string? caFile, bool skipVerify, Terminal terminal)
    {
        if (socket is not null && endpoint is not null)
        {
            throw new CommandFailure("--socket and --endpoint exclude each other: name one server");
        }

        if (socket is null && endpoint is null)
        {
            endpoint = NotEmpty(terminal.Environment("FLEETHOLD_ENDPOINT"));
            socket = NotEmpty(terminal.Environment("FLEETHOLD_SOCKET"));
            if (socket is not null && endpoint is not null)
            {
                throw new CommandFailure("FLEETHOLD_SOCKET and FLEETHOLD_ENDPOINT are both set: unset one, or use --socket or --endpoint");
            }
        }

        if (endpoint is not null)
        {
            return new Endpoint(ParseUrl(endpoint), caFile, skipVerify);
        }

        if (caFile is not null || skipVerify)
        {
            throw new CommandFailure($"{(caFile is not null ? "--ca" : "--insecure-skip-tls-verify")} goes with --endpoint: a Unix socket has no certificate");
        }

        return socket is not null
            ? new Socket(socket)
            : new Socket(LocalDoor.SocketIn(LocalDoor.DefaultDataDirectory(terminal.IsRoot, terminal.Environment)), IsDefault: true);
    }

    private static Uri ParseUrl(string text)
    {
        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";
        return Uri.TryCreate(full, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.PathAndQuery == "/" && url.UserInfo.Length == 0
            ? url
            : throw new CommandFailure($"endpoint {text} is no server URL: write https://HOST[:PORT]");
    }

    private static string? NotEmpty(string? text) => text is { Length: > 0 } ? text : null;
}
