using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleethold.Server.Configuration;
using Fleethold.Server.Edge;
using Fleethold.Server.Host;
using Fleethold.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.Server.Tests;

public class CertificateTests
{
    private static readonly DateTimeOffset Today = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_client_that_trusts_our_CA_connects_by_name_and_by_address()
    {
        await using var server = await RunningServer.Start();
        using var client = server.TlsClient();

        foreach (var host in (string[])["localhost", "127.0.0.1"])
        {
            using var answer = await client.GetAsync($"https://{host}:{server.ApiPort}/healthz", Deadline.Token);
            Assert.True(answer.IsSuccessStatusCode);
        }

        using var stranger = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync($"https://localhost:{server.ApiPort}/healthz", Deadline.Token));
    }

    [Fact]
    public async Task The_CA_survives_a_restart_and_its_key_is_for_its_owner_only()
    {
        using var folder = new TemporaryFolder();
        byte[] first;
        await using (var server = await RunningServer.Start(folder: folder))
        {
            first = server.Ca.RawData;
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server.Configuration.Storage.DataDirectory, "tls", "ca.key")));
        }

        await using var again = await RunningServer.Start(folder: folder);
        Assert.Equal(first, again.Ca.RawData);
    }

    [Fact]
    public void A_certificate_is_made_anew_when_a_third_of_its_life_is_left_or_a_name_is_missing()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(Today);
        var authority = new CertificateAuthority(folder.PathOf("tls"), clock);
        var names = new HashSet<string> { "localhost", "127.0.0.1" };
        using var first = authority.ServerCertificate(names);

        clock.Advance(TimeSpan.FromDays(200));
        using var still = authority.ServerCertificate(names);
        using var moreNames = authority.ServerCertificate(new HashSet<string>(names) { "omni.example.org" });
        clock.Advance(TimeSpan.FromDays(250));
        using var renewed = authority.ServerCertificate(names);

        Assert.Equal(first.Thumbprint, still.Thumbprint);
        Assert.NotEqual(first.Thumbprint, moreNames.Thumbprint);
        Assert.NotEqual(moreNames.Thumbprint, renewed.Thumbprint);
        Assert.True(renewed.MatchesHostname("localhost"));
        Assert.Equal("ECC", renewed.PublicKey.Oid.FriendlyName);
        Assert.Equal(256, renewed.GetECDsaPublicKey()!.KeySize);
    }

    [Fact]
    public void A_damaged_certificate_is_told_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var authority = new CertificateAuthority(folder.Path, new FakeTimeProvider(Today));
        authority.ServerCertificate(new HashSet<string> { "localhost" }).Dispose();
        File.WriteAllText(folder.PathOf("ca.key"), "rubbish");

        var refused = Assert.Throws<StartException>(() => authority.ServerCertificate(new HashSet<string> { "localhost" }));

        Assert.Contains("remove the folder to have new ones made", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_certificate_files_are_taken_up_and_bad_ones_are_not()
    {
        using var folder = new TemporaryFolder();
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000));
        var files = new TlsSettings.Files(folder.PathOf("tls.crt"), folder.PathOf("tls.key"));
        var first = WriteSelfSigned(files, "first");
        await using var server = await RunningServer.Start(configuration => configuration with { Api = configuration.Api with { Tls = files } }, clock);
        Assert.Equal(first, await Shown(server));

        File.WriteAllText(files.CertificateFile, "rubbish");
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(first, await Shown(server));
        var second = WriteSelfSigned(files, "second");

        // The look happens on a thread of its own after the clock moved.
        while (await Shown(server) is var shown && shown != second)
        {
            Assert.Equal(first, shown);
            Deadline.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task Certificate_files_that_cannot_be_used_stop_the_start()
    {
        var files = new TlsSettings.Files("/nowhere/tls.crt", "/nowhere/tls.key");

        var refused = await Assert.ThrowsAsync<StartException>(
            () => RunningServer.Start(configuration => configuration with { Api = configuration.Api with { Tls = files } }));

        Assert.Contains("/nowhere/tls.crt", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_TLS_one_port_speaks_both_versions_of_HTTP()
    {
        await using var server = await RunningServer.Start(configuration => configuration with { Api = configuration.Api with { Tls = new TlsSettings.None() } });
        using var client = new HttpClient();

        foreach (var version in (Version[])[new(1, 1), new(2, 0)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{server.ApiPort}/healthz") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var answer = await client.SendAsync(request, Deadline.Token);
            Assert.Equal((version, true), (answer.Version, answer.IsSuccessStatusCode));
        }
    }

    private static string WriteSelfSigned(TlsSettings.Files files, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch + TimeSpan.FromDays(40_000));
        File.WriteAllText(files.KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(files.CertificateFile, certificate.ExportCertificatePem());
        return certificate.Thumbprint;
    }

    private static async Task<string> Shown(RunningServer server)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", server.ApiPort, Deadline.Token);
        await using var tls = new SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, Deadline.Token);
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }
}
