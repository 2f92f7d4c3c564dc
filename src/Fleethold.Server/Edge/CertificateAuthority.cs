using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleethold.Server.Host;

namespace Fleethold.Server.Edge;

/// <summary>
/// Our own CA and the server certificate that it signs (ECDSA P-256), as PEM files in one folder of mode 0700. Made at first start; the server
/// certificate is made anew when a third of its life is left, or when the names of the host have changed.
/// </summary>
internal sealed class CertificateAuthority(string folder, TimeProvider clock)
{
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);
    private static readonly TimeSpan CaLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(365);

    /// <summary>The name of the file with the CA certificate.</summary>
    public const string CaName = "ca.crt";

    /// <summary>The CA certificate that clients are given.</summary>
    public string CaPath => Path.Combine(folder, CaName);

    private string CaKeyPath => Path.Combine(folder, "ca.key");

    private string ServerPath => Path.Combine(folder, "server.crt");

    private string ServerKeyPath => Path.Combine(folder, "server.key");

    /// <summary>The server certificate with its key, valid for all these names and addresses; made when there is none that does.</summary>
    /// <exception cref="StartException">The files can't be read or written.</exception>
    public X509Certificate2 ServerCertificate(IReadOnlySet<string> names)
    {
        try
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            using var ca = LoadOrCreateCa();
            if (File.Exists(ServerPath) && File.Exists(ServerKeyPath))
            {
                var present = X509Certificate2.CreateFromPemFile(ServerPath, ServerKeyPath);
                if (IsGood(present, ca, names))
                {
                    return present;
                }

                present.Dispose();
            }

            return Issue(ca, names);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartException(
                $"the certificate in {folder} can't be used: {failure.Message}; restore the files, or remove the folder to have new ones made (clients must then trust a new CA)",
                failure);
        }
    }

    /// <summary>The SHA-256 fingerprint of the CA in upper-case hex.</summary>
    public string CaFingerprint()
    {
        using var ca = X509CertificateLoader.LoadCertificateFromFile(CaPath);
        return ca.GetCertHashString(HashAlgorithmName.SHA256);
    }

    private static HashSet<string> NamesOf(X509Certificate2 certificate)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.UnionWith(extension.EnumerateDnsNames());
            names.UnionWith(extension.EnumerateIPAddresses().Select(address => address.ToString()));
        }

        return names;
    }

    private bool IsGood(X509Certificate2 certificate, X509Certificate2 ca, IReadOnlySet<string> names)
    {
        var now = clock.GetUtcNow();
        var left = new DateTimeOffset(certificate.NotAfter) - now;
        var life = certificate.NotAfter - certificate.NotBefore;
        return left > life / 3 && now >= new DateTimeOffset(certificate.NotBefore) && NamesOf(certificate).IsSupersetOf(names)
            && certificate.IssuerName.RawData.AsSpan().SequenceEqual(ca.SubjectName.RawData)
            && IsSignedBy(certificate, ca, now);
    }

    private static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 ca, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        return chain.Build(certificate);
    }

    private X509Certificate2 LoadOrCreateCa()
    {
        if (File.Exists(CaPath) && File.Exists(CaKeyPath))
        {
            var present = X509Certificate2.CreateFromPemFile(CaPath, CaKeyPath);
            if (new DateTimeOffset(present.NotAfter) - clock.GetUtcNow() > ServerLife)
            {
                return present;
            }

            present.Dispose();
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var serial = NewSerial();
        var request = new CertificateRequest($"CN=Fleethold CA {Convert.ToHexStringLower(serial)[..8]}, O=Fleethold", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = clock.GetUtcNow();
        var ca = request.CreateSelfSigned(now - Slack, now + CaLife);
        Write(CaKeyPath, key.ExportPkcs8PrivateKeyPem());
        Write(CaPath, ca.ExportCertificatePem());
        return ca;
    }

    private X509Certificate2 Issue(X509Certificate2 ca, IReadOnlySet<string> names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=fleethold, O=Fleethold", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        var now = clock.GetUtcNow();
        using var certificate = request.Create(ca, now - Slack, now + ServerLife, NewSerial());
        Write(ServerKeyPath, key.ExportPkcs8PrivateKeyPem());
        Write(ServerPath, certificate.ExportCertificatePem());
        return certificate.CopyWithPrivateKey(key);
    }

    private static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }

    /// <summary>Written beside its place and moved, so that a crash leaves the old file or the new one.</summary>
    private static void Write(string path, string pem)
    {
        var temporary = path + ".new";
        var create = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        File.Delete(temporary);
        using (var file = new FileStream(temporary, create))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(pem + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
