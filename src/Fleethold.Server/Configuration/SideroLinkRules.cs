using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>What the keys of SideroLink must be to each other and to the listeners.</summary>
internal static class SideroLinkRules
{
    public const string Advertised = "services.siderolink.wireGuard.advertisedEndpoint";
    public const string EventSinkPort = "services.siderolink.eventSinkPort";
    public const string LogServerPort = "services.siderolink.logServerPort";
    public const string BandwidthLimit = "services.siderolink.bandwidthLimitMbps";
    public const string BandwidthBurst = "services.siderolink.bandwidthLimitBurstBytes";
    public const string MachineEndpoint = "services.machineAPI.endpoint";
    public const string MachineUrl = "services.machineAPI.advertisedURL";

    /// <summary>IPv6 needs 1280 bytes; more than a jumbo frame has no use.</summary>
    private const long LeastMtu = 1280, MostMtu = 9000;

    /// <summary>The largest rate in Mbit/s that is taken: 1 Tbit/s.</summary>
    private const long MostMegabits = 1_000_000;

    /// <summary>A burst must let one packet of any size pass, or nothing ever does.</summary>
    private const long LeastBurst = 65_536;

    /// <summary>Checks every rule.</summary>
    public static void Check(Settings settings, ProblemList problems)
    {
        Endpoints(settings, problems);
        Url(settings, problems);
        Numbers(settings, problems);
        MachineCertificate(settings, problems);
        if (settings.IsOn(OwnKeys.Tunnel))
        {
            Ports(settings, problems);
        }
    }

    private static void Endpoints(Settings settings, ProblemList problems)
    {
        foreach (var endpoint in (settings.Text(Advertised) ?? "").Split(',').Where(endpoint => endpoint.Length > 0 || settings.Text(Advertised) is not null))
        {
            var colon = endpoint.LastIndexOf(':');
            var host = colon < 0 ? "" : endpoint[..colon];
            var isHost = host is ['[', .. var inner, ']']
                ? Uri.CheckHostName(inner) == UriHostNameType.IPv6
                : Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4;
            if (!isHost || !ushort.TryParse(endpoint.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out var port) || port == 0)
            {
                problems.Add(settings.Origin(Advertised), Advertised, $"'{Problem.Shown(endpoint)}' isn't a host with a port",
                    "write host:port, for IPv6 [ip]:port; several are separated by commas without spaces");
            }
        }
    }

    private static void Url(Settings settings, ProblemList problems)
    {
        if (settings.Text(MachineUrl) is { } text
            && !(Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "grpc" or "https" && url is { Host.Length: > 0, UserInfo: "", AbsolutePath: "/" or "", Fragment: "" }
                && (url.Scheme == "https" || url.Port > 0)))
        {
            problems.Add(settings.Origin(MachineUrl), MachineUrl, "isn't a URL that machines can register at",
                "write https://host or https://host:port with TLS, grpc://host:port without, and no path");
        }
    }

    private static void Numbers(Settings settings, ProblemList problems)
    {
        if (settings.Value(OwnKeys.TunnelMtu) is long mtu and (< LeastMtu or > MostMtu))
        {
            problems.Add(settings.Origin(OwnKeys.TunnelMtu), OwnKeys.TunnelMtu, $"{mtu} isn't from {LeastMtu} to {MostMtu}", "remove the key: machines use 1280");
        }

        var limit = settings.Value(BandwidthLimit) as long? ?? 0;
        if (limit > MostMegabits)
        {
            problems.Add(settings.Origin(BandwidthLimit), BandwidthLimit, $"is above {MostMegabits}", "remove the key for no limit");
        }

        if (limit > 0 && settings.Value(BandwidthBurst) is long burst and > 0 and < LeastBurst)
        {
            problems.Add(settings.Origin(BandwidthBurst), BandwidthBurst, $"{burst} is less than the {LeastBurst} bytes that let every packet pass",
                "raise it, or remove the key for one second's worth");
        }
    }

    private static void MachineCertificate(Settings settings, ProblemList problems)
    {
        const string path = "services.machineAPI.certFile";
        if (settings.Text(path) is not null && SideroLinkBinder.MachineListener(settings) is null)
        {
            problems.Add(settings.Origin(path), path, $"is for a listener of its own, which {MachineEndpoint} doesn't name",
                $"set {MachineEndpoint}, or remove the key: the main listener has its own certificate");
        }
    }

    // The receivers bind the server's address inside the tunnel; a listener of ours on every address would take their ports (siderolink.md, trap 15).
    private static void Ports(Settings settings, ProblemList problems)
    {
        var (events, logs) = (settings.Port(EventSinkPort), settings.Port(LogServerPort));
        if (events == logs)
        {
            var named = settings.Find(LogServerPort) is null ? EventSinkPort : LogServerPort;
            problems.Add(settings.Origin(named), named, $"{EventSinkPort} and {LogServerPort} are both {events}", "give one of them another port");
        }

        foreach (var (path, listener) in CrossFieldRules.Listeners(settings).Where(listener => listener.Address.IsWildcard))
        {
            foreach (var sink in (string[])[EventSinkPort, LogServerPort])
            {
                if (settings.Port(sink) == listener.Port)
                {
                    var named = settings.Find(path) is null ? sink : path;
                    problems.Add(settings.Origin(named), named, $"{path} listens on port {listener.Port} of every address, the one inside the tunnel included, where {sink} needs it",
                        $"let {path} name one address, or give {sink} another port, as in 8091 (machines that joined before keep the old one)");
                }
            }
        }
    }
}
