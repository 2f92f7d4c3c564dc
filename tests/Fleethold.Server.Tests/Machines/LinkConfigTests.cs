using System.Net;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Server.Machines;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Wire;
using Fleethold.Testing;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Server.Tests.Machines;

public class LinkConfigTests
{
    [Fact]
    public async Task The_keys_and_the_first_token_are_made_once_and_the_endpoints_follow_the_configuration()
    {
        using var folder = new TemporaryFolder();
        SiderolinkConfigSpec first;
        await using (var server = await RunningServer.Start(WithStore, folder: folder))
        {
            first = await Spec(server);
            var token = Assert.Single(await server.State.List(Kinds.JoinTokens));
            Assert.Equal(("initial token", first.InitialJoinToken), (token.Spec.Name, token.Metadata.Id));
            Assert.Equal(first.InitialJoinToken, (await server.State.Get(Kinds.DefaultJoinTokens, "default")).Value.Spec.TokenId);
        }

        await using var again = await RunningServer.Start(
            configuration => WithStore(configuration) with
            {
                SideroLink = SideroLinkSettings.Off with { AdvertisedEndpoints = ["vpn.example.org:51820", "[2001:db8::1]:51820"], WireGuard = new("10.0.0.1", 1) },
            },
            folder: folder);
        var second = await Spec(again);

        Assert.Equal("fdae:41e4:649b:9303::/64", first.Subnet);
        Assert.Equal("fdae:41e4:649b:9303::1", first.ServerAddress);
        Assert.Equal(32, Convert.FromBase64String(first.PrivateKey).Length);
        Assert.InRange(first.InitialJoinToken.Length, 30, 51);
        Assert.Equal(first.PrivateKey, second.PrivateKey);
        Assert.Equal(first.PublicKey, second.PublicKey);
        Assert.Equal(first.InitialJoinToken, second.InitialJoinToken);
        Assert.Equal(("10.0.0.1:1", "vpn.example.org:51820,[2001:db8::1]:51820"), (second.WireguardEndpoint, second.AdvertisedEndpoint));
        Assert.Single(await again.State.List(Kinds.JoinTokens));
    }

    [Fact]
    public async Task Nobody_outside_sees_the_private_key()
    {
        await using var server = await RunningServer.Start();
        foreach (var client in (Resources.Wire.State.StateClient[])[server.Socket(), server.Reader()])
        {
            var kind = (Kinds.Configs.Namespace, Kinds.Configs.Type);
            using var list = client.List(new() { Namespace = kind.Namespace, Type = kind.Type });
            using var watch = client.Watch(new() { Namespace = kind.Namespace, Type = kind.Type });
            Func<Task>[] calls =
            [
                () => client.GetAsync(new() { Namespace = kind.Namespace, Type = kind.Type, Id = LinkConfig.Id }).ResponseAsync,
                () => list.ResponseStream.MoveNext(Deadline.Token),
                () => watch.ResponseStream.MoveNext(Deadline.Token),
                () => client.DestroyAsync(new() { Namespace = kind.Namespace, Type = kind.Type, Id = LinkConfig.Id }).ResponseAsync,
            ];
            foreach (var call in calls)
            {
                Assert.Equal(StatusCode.PermissionDenied, (await RunningServer.StatusOf(call)).StatusCode);
            }
        }
    }

    [Fact]
    public async Task A_damaged_key_stops_the_start_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        await using (var server = await RunningServer.Start(WithStore, folder: folder))
        {
            await server.State.Modify(Kinds.Configs.Named(LinkConfig.Id), one => ((Resource<SiderolinkConfigSpec>)one).With(spec => spec.PrivateKey = "AAAA"));
        }

        var refused = await Assert.ThrowsAsync<StartException>(() => RunningServer.Start(WithStore, folder: folder));

        Assert.Contains("restore a backup", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Machines_that_joined_before_are_peers_when_the_server_has_started()
    {
        using var folder = new TemporaryFolder();
        var key = new PublicKey(3, 4);
        await using (var server = await RunningServer.Start(WithStore, folder: folder))
        {
            await Create(server, "m1", new SiderolinkSpec { NodeSubnet = "fdae:41e4:649b:9303::a/64", NodePublicKey = key.ToString(), LastEndpoint = "192.0.2.1:7" });
            await Create(server, "m2", new SiderolinkSpec { NodeSubnet = "nonsense", NodePublicKey = new PublicKey(5, 6).ToString() });
        }

        var waiting = new FakeTunnel();
        await using (await RunningServer.Start(WithStore, folder: folder, services: services => services.AddSingleton<ILinkTable>(waiting)))
        {
            var peer = Assert.Single(waiting.Peers.Values);
            Assert.Equal((key, IPAddress.Parse("fdae:41e4:649b:9303::a"), ""), (peer.Key, peer.Address, peer.Endpoint.ToString()));
        }

        var dialing = new FakeTunnel();
        await using var last = await RunningServer.Start(
            configuration => WithStore(configuration) with { SideroLink = SideroLinkSettings.Off with { DialsLastEndpoint = true } },
            folder: folder,
            services: services => services.AddSingleton<ILinkTable>(dialing));
        Assert.Equal("192.0.2.1:7", Assert.Single(dialing.Peers.Values).Endpoint.ToString());
    }

    private static ServerConfiguration WithStore(ServerConfiguration configuration) =>
        configuration with { Storage = configuration.Storage with { Store = new StoreSettings.Sqlite() } };

    private static async Task Create(RunningServer server, string id, SiderolinkSpec spec) =>
        Assert.Null((await server.State.Create(Kinds.Links.New(id, spec))).Fault);

    private static async Task<SiderolinkConfigSpec> Spec(RunningServer server) => (await server.State.Get(Kinds.Configs, LinkConfig.Id)).Value.Spec;
}
