using Fleethold.Server.Configuration;

namespace Fleethold.Server.Tests.Configuration;

public class SideroLinkTests
{
    [Fact]
    public void Our_own_defaults_serve_machines_at_the_main_listener()
    {
        var settings = Reading.Flags("--data-dir=/tmp/d").Valid().SideroLink;

        Assert.True(settings.HasTunnel);
        Assert.Equal("0.0.0.0:51820", settings.WireGuard.ToString());
        Assert.Equal([$"{LocalAddress.First()}:51820"], settings.AdvertisedEndpoints);
        Assert.Equal(JoinTokensMode.LegacyAllowed, settings.JoinTokens);
        Assert.False(settings.DialsLastEndpoint);
        Assert.False(settings.ForcesGrpcTunnel);
        Assert.Equal("fdae:41e4:649b:9303::1", settings.SinkAddress!.ToString());
        Assert.Equal((8090, 8092, 1280, null), (settings.EventSinkPort, settings.LogServerPort, settings.Mtu, settings.Bandwidth));
        Assert.Equal(new MachineApiSettings(null, new TlsSettings.None(), "https://localhost"), settings.MachineApi);
    }

    [Fact]
    public void An_Omni_file_keeps_the_ports_that_machines_know()
    {
        var settings = Reading.Yaml("storage: {sqlite: {path: /data/s.db}}").Valid().SideroLink;

        var local = LocalAddress.First();
        Assert.Equal("0.0.0.0:50180", settings.WireGuard.ToString());
        Assert.Equal([$"{local}:50180"], settings.AdvertisedEndpoints);
        Assert.Equal(new MachineApiSettings(new ListenAddress(local.ToString(), 8090), new TlsSettings.None(), $"grpc://{local}:8090"), settings.MachineApi);
    }

    [Fact]
    public void A_listener_with_a_certificate_is_told_as_https()
    {
        var api = Flags("--machine-api-bind-addr=192.0.2.7:8090", "--machine-api-cert=/t.crt", "--machine-api-key=/t.key").Valid().SideroLink.MachineApi;

        Assert.Equal(("https://192.0.2.7:8090", new TlsSettings.Files("/t.crt", "/t.key")), (api.AdvertisedUrl, api.Tls));
    }

    [Theory]
    [InlineData("--advertised-api-url=https://omni.example.org", "https://omni.example.org")]
    [InlineData("--advertised-api-url=https://omni.example.org:8443/", "https://omni.example.org:8443")]
    [InlineData("--machine-api-advertised-url=https://join.example.org", "https://join.example.org")]
    [InlineData("--machine-api-advertised-url=grpc://join.example.org:8090", "grpc://join.example.org:8090")]
    public void The_URL_for_machines_is_the_advertised_one(string flag, string url) => Assert.Equal(url, Flags(flag).Valid().SideroLink.MachineApi.AdvertisedUrl);

    [Fact]
    public void A_plain_main_listener_is_told_as_grpc() =>
        Assert.Equal("grpc://localhost:8080", Flags("--plain-http=true", "--bind-addr=127.0.0.1:8080").Valid().SideroLink.MachineApi.AdvertisedUrl);

    [Fact]
    public void Several_endpoints_and_names_of_hosts_are_told_as_they_are() =>
        Assert.Equal(
            ["vpn.example.org:51820", "192.0.2.1:1", "[2001:db8::1]:51820"],
            Flags("--siderolink-wireguard-advertised-addr=vpn.example.org:51820,192.0.2.1:1,[2001:db8::1]:51820").Valid().SideroLink.AdvertisedEndpoints);

    [Theory]
    [InlineData("a b:1")]
    [InlineData("host")]
    [InlineData("host:0")]
    [InlineData("host:70000")]
    [InlineData("2001:db8::1")]
    [InlineData("good:1, spaced:2")]
    [InlineData("good:1,,good:2")]
    public void An_endpoint_that_is_no_host_with_a_port_is_refused(string endpoint) =>
        Assert.Contains(SideroLinkRules.Advertised, Flags("--siderolink-wireguard-advertised-addr=" + endpoint).Keys());

    [Theory]
    [InlineData("join.example.org:8090")]
    [InlineData("http://join.example.org")]
    [InlineData("https://join.example.org/path")]
    [InlineData("https://me:secret@join.example.org")]
    [InlineData("grpc://join.example.org")]
    public void A_URL_that_no_machine_can_use_is_refused(string url) =>
        Assert.Equal([SideroLinkRules.MachineUrl], Flags("--machine-api-advertised-url=" + url).Keys());

    [Fact]
    public void Only_an_explicit_false_dials_the_last_endpoint()
    {
        Assert.True(Flags("--siderolink-disable-last-endpoint=false").Valid().SideroLink.DialsLastEndpoint);
        Assert.False(Flags("--siderolink-disable-last-endpoint=true").Valid().SideroLink.DialsLastEndpoint);
    }

    [Fact]
    public void The_limit_of_traffic_bursts_for_a_second_unless_said_otherwise()
    {
        Assert.Equal(new BandwidthLimit(12_500_000, 12_500_000), Flags("--siderolink-bandwidth-limit-mbps=100").Valid().SideroLink.Bandwidth);
        Assert.Equal(
            new BandwidthLimit(12_500_000, 100_000),
            Flags("--siderolink-bandwidth-limit-mbps=100", "--siderolink-bandwidth-limit-burst-bytes=100000").Valid().SideroLink.Bandwidth);
        Assert.Equal(
            [SideroLinkRules.BandwidthBurst],
            Flags("--siderolink-bandwidth-limit-mbps=100", "--siderolink-bandwidth-limit-burst-bytes=1000").Keys());
    }

    [Theory]
    [InlineData("--machine-api-bind-addr=0.0.0.0:8090", "services.machineAPI.endpoint")]
    [InlineData("--machine-api-bind-addr=[::]:8092", "services.machineAPI.endpoint")]
    [InlineData("--bind-addr=:8090", "services.api.endpoint")]
    [InlineData("--metrics-bind-addr=0.0.0.0:8092", "services.metrics.endpoint")]
    public void A_listener_on_every_address_must_leave_the_ports_of_the_tunnel_alone(string flag, string key)
    {
        Assert.Equal([key], Flags(flag).Keys());
        Flags(flag, "--tunnel=false").Valid();
        Flags(flag, "--event-sink-port=8091", "--log-server-port=8094").Valid();
    }

    [Fact]
    public void A_listener_of_its_own_may_use_the_port_on_another_address() => Flags("--machine-api-bind-addr=192.0.2.7:8090").Valid();

    [Fact]
    public void The_receivers_need_two_ports() => Assert.Equal([SideroLinkRules.LogServerPort], Flags("--log-server-port=8090").Keys());

    [Theory]
    [InlineData("1279")]
    [InlineData("9001")]
    public void An_MTU_that_no_tunnel_has_is_refused(string mtu) => Assert.Equal(["fleethold.tunnel.mtu"], Flags("--tunnel-mtu=" + mtu).Keys());

    [Fact]
    public void A_certificate_needs_a_listener_of_its_own() =>
        Assert.Equal(["services.machineAPI.certFile"], Flags("--machine-api-cert=/t.crt", "--machine-api-key=/t.key").Keys());

    [Fact]
    public void Without_a_tunnel_nothing_is_received() => Assert.Null(Flags("--tunnel=false").Valid().SideroLink.SinkAddress);

    private static ConfigurationReport Flags(params string[] flags) => Reading.Flags(["--data-dir=/tmp/d", .. flags]);
}
