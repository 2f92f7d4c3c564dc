using Fleethold.Server.Configuration.Table;

namespace Fleethold.Server.Configuration;

/// <summary>Makes the settings of SideroLink from values that passed every check.</summary>
internal static class SideroLinkBinder
{
    private const string Section = "services.siderolink";

    /// <summary>The port of the machine API where Omni's defaults hold (reference/deployment.md 2).</summary>
    private const int OmniMachinePort = 8090;

    public static SideroLinkSettings Bind(Settings settings, ApiSettings api)
    {
        var listen = Listen(settings, Section + ".wireGuard.endpoint")!;
        var hasTunnel = settings.IsOn(OwnKeys.Tunnel);
        return new SideroLinkSettings
        {
            HasTunnel = hasTunnel,
            WireGuard = listen,
            AdvertisedEndpoints = settings.Text(SideroLinkRules.Advertised) is { } advertised ? advertised.Split(',') : [Reached(listen).ToString()],
            JoinTokens = settings.Text(Section + ".joinTokensMode") switch
            {
                "strict" => JoinTokensMode.Strict,
                "legacy" => JoinTokensMode.Legacy,
                _ => JoinTokensMode.LegacyAllowed,
            },

            // Ours waits for the machine unless somebody says otherwise: a remembered address may be that of a load balancer (reference/deployment.md 13).
            DialsLastEndpoint = settings.Find(Section + ".disableLastEndpoint") is { Value: false },
            KeepsLastEndpoint = !settings.IsOn(Section + ".disableLastEndpoint"),
            ForcesGrpcTunnel = settings.IsOn(Section + ".useGRPCTunnel"),
            SinkAddress = hasTunnel ? SideroLink.Wire.TunnelAddresses.Server : null,
            EventSinkPort = settings.Port(SideroLinkRules.EventSinkPort),
            LogServerPort = settings.Port(SideroLinkRules.LogServerPort),
            Mtu = (int)(long)settings.Value(OwnKeys.TunnelMtu)!,
            Bandwidth = Limit(settings),
            MachineApi = MachineApi(settings, api),
        };
    }

    /// <summary>The own listener of machines; null where only the main one serves them.</summary>
    public static ListenAddress? MachineListener(Settings settings) =>
        Listen(settings, SideroLinkRules.MachineEndpoint)
        ?? (settings.Defaults == Defaults.Omni ? new ListenAddress(LocalAddress.First().ToString(), OmniMachinePort) : null);

    private static ListenAddress? Listen(Settings settings, string path) =>
        ListenAddress.TryParse(settings.Text(path) ?? "", out var address) ? address : null;

    private static MachineApiSettings MachineApi(Settings settings, ApiSettings api)
    {
        const string section = "services.machineAPI";
        TlsSettings tls = settings.Text(section + ".certFile") is { } certificate && settings.Text(section + ".keyFile") is { } key
            ? new TlsSettings.Files(certificate, key)
            : new TlsSettings.None();
        var listen = MachineListener(settings);
        if (settings.Text(SideroLinkRules.MachineUrl) is { } url)
        {
            return new MachineApiSettings(listen, tls, url);
        }

        if (listen is not null)
        {
            return new MachineApiSettings(listen, tls, $"{(tls is TlsSettings.None ? "grpc" : "https")}://{Reached(listen)}");
        }

        // The main listener serves machines too. Its URL may be plain HTTP, which machines know as grpc.
        return new MachineApiSettings(
            null,
            tls,
            api.AdvertisedUrl.Scheme == Uri.UriSchemeHttp
                ? $"grpc://{api.AdvertisedUrl.Authority}{(api.AdvertisedUrl.IsDefaultPort ? ":80" : "")}"
                : api.AdvertisedUrl.GetLeftPart(UriPartial.Authority));
    }

    // A listener on every address is reached at the first one.
    private static ListenAddress Reached(ListenAddress listen) => listen.IsWildcard ? listen with { Host = LocalAddress.First().ToString() } : listen;

    private static BandwidthLimit? Limit(Settings settings)
    {
        var rate = (settings.Value(SideroLinkRules.BandwidthLimit) as long? ?? 0) * 1_000_000 / 8;
        var burst = settings.Value(SideroLinkRules.BandwidthBurst) as long? ?? 0;
        return rate == 0 ? null : new BandwidthLimit(rate, burst == 0 ? rate : burst);
    }
}
