using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.Tests;
using Fleethold.Server.Tests.Machines;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Wire;
using Fleethold.Talos;
using Fleethold.Testing;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Compatibility.Machines;

/// <summary>
/// Six machines that joined the original: first without a token of their own, then with the one that was written to them. The key of the server and
/// the addresses that it drew are its own and are mapped, one to one.
/// </summary>
public class ProvisionReplayTests
{
    [Fact]
    [Trait("Category", Vectors.Category)]
    public async Task Machines_are_answered_as_the_original_answered_them()
    {
        var calls = RecordedCall.Of("transcripts/provision.jsonl");
        var requests = calls.Select(call => ProvisionRequest.Parser.ParseFrom(call.Requests[0])).ToList();
        var recorded = calls.Select(call => ProvisionResponse.Parser.ParseFrom(call.Responses[0])).ToList();
        Assert.Equal(12, calls.Count);
        var tunnel = new FakeTunnel();
        var machines = new FakeMachines();
        await using var server = await RunningServer.Start(
            configuration => configuration with { SideroLink = SideroLinkSettings.Off with { AdvertisedEndpoints = [Assert.Single(recorded[0].ServerEndpoint)] } },
            services: services => services.AddSingleton<ILinkTable>(tunnel).AddSingleton<IMaintenanceApi>(machines));
        await AllowToken(server, requests[0].JoinToken);
        var client = new ProvisionService.ProvisionServiceClient(server.TlsChannel());
        var addresses = new Dictionary<string, string>();
        for (var i = 0; i < calls.Count; i++)
        {
            var answer = await client.ProvisionAsync(requests[i], cancellationToken: Deadline.Token);

            Assert.Equal((StatusCode.OK, ""), (calls[i].Status, calls[i].Message));
            Assert.Equal(recorded[i].ServerEndpoint, answer.ServerEndpoint);
            Assert.Equal(recorded[i].ServerAddress, answer.ServerAddress);
            Assert.Equal(recorded[i].GrpcPeerAddrPort, answer.GrpcPeerAddrPort);
            Assert.True(PublicKey.TryParse(answer.ServerPublicKey, out _));
            if (!addresses.TryAdd(recorded[i].NodeAddressPrefix, answer.NodeAddressPrefix))
            {
                Assert.Equal(addresses[recorded[i].NodeAddressPrefix], answer.NodeAddressPrefix);
            }

            // The peer is there when the answer is.
            Assert.True(PublicKey.TryParse(requests[i].NodePublicKey, out var key));
            Assert.Equal(answer.NodeAddressPrefix, $"{tunnel.Peers[key].Address}/64");
        }

        Assert.Equal(6, addresses.Values.Distinct().Count());
        var links = await server.State.List(Kinds.Links);
        Assert.Equal(requests.Select(request => request.NodeUuid).Distinct().Order(StringComparer.Ordinal), links.Select(link => link.Metadata.Id));
        Assert.Equal(6, machines.Written.Keys.Count(written => written.Key == 16));
    }

    private static async Task AllowToken(RunningServer server, string token)
    {
        Assert.Null((await server.State.Create(Kinds.JoinTokens.New(token, new JoinTokenSpec { Name = "recorded" }))).Fault);
        using var watch = server.State.Watch(Kinds.JoinTokenStatuses.Named(token), WatchOptions.FromNow).Value;
        await foreach (var change in watch.ReadAll(Deadline.Token))
        {
            if (change.Type is EventType.Created or EventType.Updated)
            {
                return;
            }
        }
    }
}
