using System.Net;
using Fleethold.Server.Machines;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Tunnel;
using Fleethold.SideroLink.Wire;
using Fleethold.Testing;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Fleethold.Server.Tests.Machines;

public sealed class TunnelServiceTests : IAsyncLifetime
{
    private const string Header = "[fdae:41e4:649b:9304::b1]:50889";

    private static readonly LinkPeer Peer =
        new(new PublicKey(1, 2), IPAddress.Parse("fdae:41e4:649b:9303::a1"), IPEndPoint.Parse(Header), PeerEndpoint.None);

    private readonly FakeTunnel _tunnel = new();
    private RunningServer _server = null!;

    private StreamTable Streams => _server.App.Services.GetRequiredService<StreamTable>();

    private StreamedLinks Links => _server.App.Services.GetRequiredService<StreamedLinks>();

    public async ValueTask InitializeAsync() => _server = await RunningServer.Start(services: services => services
        .AddSingleton<ILinkTable>(_tunnel)
        .AddSingleton<IDatagramInput>(_tunnel));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_stream_without_the_header_is_refused() =>
        Assert.Equal(new Status(StatusCode.Unknown, "failed to get peer address from context"), await EndOf(Open(null)));

    [Theory]
    [InlineData("nonsense")]
    [InlineData("fdae:41e4:649b:9304::b1")]
    [InlineData("fdae:41e4:649b:9304::b1:50889")]
    [InlineData("[fdae:41e4:649b:9304::b1]")]
    [InlineData("[fdae:41e4:649b:9304::b1]:99999")]
    [InlineData("[10.0.0.1]:1")]
    [InlineData("10.1:1")]
    public async Task A_header_that_is_no_address_and_port_is_refused(string header) =>
        Assert.Equal(new Status(StatusCode.Unknown, $"incorrect header value \"{header}\": not an ip:port"), await EndOf(Open(header)));

    [Fact]
    public async Task A_peer_that_is_not_there_is_not_allowed()
    {
        Assert.Equal(new Status(StatusCode.PermissionDenied, "peer not allowed"), await EndOf(Open(Header)));
        Links.Set(Peer with { VirtualAddress = null });
        Assert.Equal(new Status(StatusCode.PermissionDenied, "peer not allowed"), await EndOf(Open(Header)));
    }

    [Fact]
    public async Task Datagrams_pass_both_ways_as_they_are()
    {
        Links.Set(Peer);
        using var call = Open(Header);
        byte[] sent = [4, 0, 0, 0, 1, 2, 3];
        await call.RequestStream.WriteAsync(new PeerPacket { Data = ByteString.CopyFrom(sent) }, Deadline.Token);

        var (bytes, from) = await _tunnel.Received.ReadAsync(Deadline.Token);
        Assert.Equal(sent, bytes);
        Assert.Equal(Header, from.ToString());
        Assert.Equal(EndpointKind.Tunnel, from.Kind);

        Streams.Send(from, [9, 8, 7]);
        Assert.True(await call.ResponseStream.MoveNext(Deadline.Token));
        Assert.Equal([9, 8, 7], call.ResponseStream.Current.Data.ToByteArray());

        await call.RequestStream.CompleteAsync();
        Assert.Equal(StatusCode.OK, (await EndOf(call)).StatusCode);
    }

    [Fact]
    public async Task A_new_stream_takes_the_place_of_the_old_one()
    {
        Links.Set(Peer);
        using var first = await Opened();
        using var second = await Opened();

        Assert.Equal(new Status(StatusCode.Aborted, "peer replaced"), await EndOf(first));
        Streams.Send(PeerEndpoint.Tunnel(Peer.VirtualAddress!.Address, 50889), [1]);
        Assert.True(await second.ResponseStream.MoveNext(Deadline.Token));
        Assert.Equal(1, Streams.OpenStreams);
    }

    [Fact]
    public async Task A_removed_peer_loses_its_stream()
    {
        Links.Set(Peer);
        using var call = await Opened();

        Links.Remove(Peer.Key);

        Assert.Equal(new Status(StatusCode.PermissionDenied, "peer not allowed"), await EndOf(call));
        Assert.Equal(StatusCode.PermissionDenied, (await EndOf(Open(Header))).StatusCode);
        Assert.Equal(0, Streams.OpenStreams);
    }

    [Fact]
    public async Task A_message_larger_than_any_datagram_ends_the_stream()
    {
        Links.Set(Peer);
        using var call = await Opened();

        // The server may have ended it before all is written.
        await call.RequestStream.WriteAsync(new PeerPacket { Data = ByteString.CopyFrom(new byte[TunnelService.MaxMessage]) }, Deadline.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.Equal(StatusCode.ResourceExhausted, (await EndOf(call)).StatusCode);
    }

    [Fact]
    public async Task Streams_end_when_the_server_stops()
    {
        Links.Set(Peer);
        using var call = await Opened();

        _server.App.Lifetime.StopApplication();

        Assert.Equal(StatusCode.Unavailable, (await EndOf(call)).StatusCode);
    }

    [Fact]
    public async Task Machines_are_served_at_no_local_door()
    {
        Grpc.Net.Client.GrpcChannel[] channels = [_server.SocketChannel(), _server.ReaderChannel()];
        foreach (var channel in channels)
        {
            using var call = new WireGuardOverGRPCService.WireGuardOverGRPCServiceClient(channel).CreateStream();
            Assert.Equal(new Status(StatusCode.Unimplemented, "not served here"), await EndOf(call));
            Assert.Equal(
                StatusCode.Unimplemented,
                (await RunningServer.StatusOf(() => new ProvisionService.ProvisionServiceClient(channel).ProvisionAsync(new ProvisionRequest()).ResponseAsync)).StatusCode);
            Assert.Equal(
                StatusCode.Unimplemented,
                (await RunningServer.StatusOf(() => new EventSinkService.EventSinkServiceClient(channel).PublishAsync(new EventRequest()).ResponseAsync)).StatusCode);
        }
    }

    private static async Task<Status> EndOf(AsyncDuplexStreamingCall<PeerPacket, PeerPacket> call)
    {
        var status = await RunningServer.StatusOf(async () =>
        {
            while (await call.ResponseStream.MoveNext(Deadline.Token))
            {
            }
        });
        return new Status(status.StatusCode, status.Detail);
    }

    private AsyncDuplexStreamingCall<PeerPacket, PeerPacket> Open(string? header) =>
        new WireGuardOverGRPCService.WireGuardOverGRPCServiceClient(_server.TlsChannel())
            .CreateStream(header is null ? [] : new Metadata { { TunnelHeader.Name, header } }, cancellationToken: Deadline.Token);

    private async Task<AsyncDuplexStreamingCall<PeerPacket, PeerPacket>> Opened()
    {
        var call = Open(Header);
        await call.ResponseHeadersAsync;
        return call;
    }
}
