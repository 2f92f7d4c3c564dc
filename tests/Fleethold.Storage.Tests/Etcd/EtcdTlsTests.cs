using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleethold.Runtime;
using Fleethold.Storage.Etcd;
using Fleethold.Testing;

namespace Fleethold.Storage.Tests.Etcd;

public sealed class EtcdTlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_cluster_is_reached_with_its_own_authority_and_a_client_certificate()
    {
        using var authority = Authority("ca");
        Write("ca", authority);
        using (var server = Signed(authority, "server"))
        using (var client = Signed(authority, "client"))
        {
            Write("server", server);
            Write("client", client);
        }

        await using var etcd = await EtcdServer.Start(
            "https", "--cert-file", Pem("server"), "--key-file", Key("server"), "--trusted-ca-file", Pem("ca"), "--client-cert-auth");
        var options = new EtcdOptions
        {
            Endpoints = [etcd.Endpoint],
            Account = "tls",
            CaFile = Pem("ca"),
            CertificateFile = Pem("client"),
            KeyFile = Key("client"),
            RetryFor = TimeSpan.Zero,
        };

        await using (var log = await EtcdCommitLog.Open(options, TestKeys.Default, TimeProvider.System, Deadline.Token))
        {
            Assert.Empty((await log.Load(Deadline.Token)).Resources);
        }

        using var other = Authority("other");
        Write("other", other);
        await Refused(options with { CaFile = Pem("other") });
        await Refused(options with { CertificateFile = null, KeyFile = null });
        await Refused(options with { CaFile = _folder.PathOf("missing") });
    }

    public void Dispose() => _folder.Dispose();

    private static async Task Refused(EtcdOptions options) => await Assert.ThrowsAsync<CommitLogException>(
        async () => await EtcdCommitLog.Open(options, TestKeys.Default, TimeProvider.System, Deadline.Token));

    private string Pem(string name) => _folder.PathOf(name + ".pem");

    private string Key(string name) => _folder.PathOf(name + ".key");

    private void Write(string name, X509Certificate2 certificate)
    {
        File.WriteAllText(Pem(name), certificate.ExportCertificatePem());
        File.WriteAllText(Key(name), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Authority(string name)
    {
        var request = new CertificateRequest($"CN={name}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }

    private static X509Certificate2 Signed(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
