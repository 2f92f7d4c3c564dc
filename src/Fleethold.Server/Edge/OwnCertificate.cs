using System.Net;
using System.Net.NetworkInformation;
using Fleethold.Server.Configuration;

namespace Fleethold.Server.Edge;

/// <summary>A certificate of our own CA, for all names and addresses that this host and its advertised URL have; renewed in time.</summary>
internal sealed partial class OwnCertificate(string folder, ApiSettings api, TimeProvider clock, ILogger log) : ListenerCertificate(clock, log)
{
    private readonly CertificateAuthority _authority = new(folder, clock);
    private string _thumbprint = "";

    protected override TimeSpan LookEvery => TimeSpan.FromHours(6);

    protected override void Look(bool first)
    {
        var certificate = _authority.ServerCertificate(Names());
        if (certificate.Thumbprint == _thumbprint)
        {
            certificate.Dispose();
            return;
        }

        Use(certificate, []);
        _thumbprint = certificate.Thumbprint;
        if (first)
        {
            Log.OwnCa(Logger, _authority.CaPath, _authority.CaFingerprint());
        }
        else
        {
            Log.Renewed(Logger, certificate.NotAfter.ToUniversalTime());
        }
    }

    private HashSet<string> Names()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "localhost", "127.0.0.1", "::1", api.AdvertisedUrl.IdnHost.Trim('[', ']') };
        var host = Dns.GetHostName();
        if (Uri.CheckHostName(host) == UriHostNameType.Dns)
        {
            names.Add(host);
        }

        if (api.Listen.IsLoopback)
        {
            return names;
        }

        if (!api.Listen.IsWildcard)
        {
            names.Add(api.Listen.Host);
            return names;
        }

        foreach (var card in NetworkInterface.GetAllNetworkInterfaces().Where(card => card.OperationalStatus == OperationalStatus.Up))
        {
            foreach (var address in card.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address).Where(address => !address.IsIPv6LinkLocal))
            {
                names.Add(address.ToString());
            }
        }

        return names;
    }

    private static partial class Log
    {
        [LoggerMessage(310, LogLevel.Information, "clients must trust the CA {Path}, SHA-256 fingerprint {Fingerprint}")]
        public static partial void OwnCa(ILogger logger, string path, string fingerprint);

        [LoggerMessage(312, LogLevel.Information, "the server certificate was renewed and is valid until {Until:u}")]
        public static partial void Renewed(ILogger logger, DateTime until);
    }
}
