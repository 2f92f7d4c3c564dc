using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Fleethold.Talos.Wire;
using Fleethold.Testing;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Talos.Tests;

public class MaintenanceApiTests
{
    private const string LinkStatuses = "LinkStatuses.net.talos.dev";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_machine_is_installed_when_it_has_a_system_disk(bool isInstalled)
    {
        await using var machine = await SmallMachine.Start();
        machine.Script.Disks.Add(new Disk { DeviceName = "/dev/sda" });
        machine.Script.Disks.Add(new Disk { DeviceName = "/dev/sdb", SystemDisk = isInstalled });

        Assert.Equal(isInstalled, await Api(machine).IsInstalled(IPAddress.Loopback, Deadline.Token));
        Assert.Equal("HTTP/2", machine.Script.Protocol);
    }

    [Fact]
    public async Task Only_physical_links_count_and_with_their_permanent_address_where_they_have_one()
    {
        await using var machine = await SmallMachine.Start();
        byte[] hardware = [2, 0, 0, 0, 0, 1];
        byte[] permanent = [2, 0, 0, 0, 0, 2];
        byte[] other = [2, 0, 0, 0, 0, 3];
        Add("network", LinkStatuses, NethelpersLinkType.LinkEther, "", hardware, []);
        Add("network", LinkStatuses, NethelpersLinkType.LinkEther, "", other, permanent);
        Add("network", LinkStatuses, NethelpersLinkType.LinkEther, "bond", other, other);
        Add("network", LinkStatuses, (NethelpersLinkType)772, "", other, other);
        Add("network", LinkStatuses, NethelpersLinkType.LinkEther, "", [], []);
        Add("network-config", LinkStatuses, NethelpersLinkType.LinkEther, "", other, other);
        Add("network", "LinkSpecs.net.talos.dev", NethelpersLinkType.LinkEther, "", other, other);

        Assert.Equal([hardware, permanent], await Api(machine).PhysicalAddresses(IPAddress.Loopback, Deadline.Token));

        void Add(string place, string type, NethelpersLinkType link, string kind, byte[] current, byte[] lasting) =>
            machine.Script.Links.Add((place, type, new LinkStatusSpec
            {
                Type = link,
                Kind = kind,
                HardwareAddr = ByteString.CopyFrom(current),
                PermanentAddr = ByteString.CopyFrom(lasting),
            }));
    }

    [Fact]
    public async Task Meta_is_written_by_key()
    {
        await using var machine = await SmallMachine.Start();
        await Api(machine).WriteMeta(IPAddress.Loopback, 16, "a token", Deadline.Token);
        Assert.Equal("a token", machine.Script.Meta[16]);
    }

    [Fact]
    public async Task Each_call_has_a_connection_of_its_own_that_is_closed()
    {
        await using var machine = await SmallMachine.Start();
        var streams = new List<NetworkStream>();
        var api = new MaintenanceApi(
            async (endpoint, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(endpoint, cancellation);
                streams.Add(new NetworkStream(socket, ownsSocket: true));
                return streams[^1];
            },
            machine.Port);
        await api.IsInstalled(IPAddress.Loopback, Deadline.Token);
        await api.WriteMeta(IPAddress.Loopback, 15, "x", Deadline.Token);
        Assert.Equal(2, machine.Script.Connections);
        Assert.All(streams, stream => Assert.False(stream.CanRead));
    }

    [Fact]
    public async Task A_refusal_of_the_machine_comes_through()
    {
        await using var machine = await SmallMachine.Start();
        machine.Script.Refusal = new Status(StatusCode.InvalidArgument, "key must be a uint8");
        var refusal = await Assert.ThrowsAsync<RpcException>(() => Api(machine).WriteMeta(IPAddress.Loopback, 300, "", Deadline.Token));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Equal("key must be a uint8", refusal.Status.Detail);
    }

    [Fact]
    public async Task An_error_inside_an_answer_is_an_error()
    {
        await using var machine = await SmallMachine.Start();
        machine.Script.AnswerError = "no disks today";
        var refusal = await Assert.ThrowsAsync<RpcException>(() => Api(machine).IsInstalled(IPAddress.Loopback, Deadline.Token));
        Assert.Equal("no disks today", refusal.Status.Detail);
    }

    [Fact]
    public async Task A_link_that_can_not_be_read_is_an_error()
    {
        await using var machine = await SmallMachine.Start();
        machine.Script.BrokenLink = [0x2a, 0x10, 1];
        var refusal = await Assert.ThrowsAsync<RpcException>(() => Api(machine).PhysicalAddresses(IPAddress.Loopback, Deadline.Token));
        Assert.Contains("eth0", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_TLS_1_3_is_refused()
    {
        await using var machine = await SmallMachine.Start(SslProtocols.Tls12);
        var failure = await Assert.ThrowsAsync<RpcException>(() => Api(machine).IsInstalled(IPAddress.Loopback, Deadline.Token));
        Assert.NotEqual(StatusCode.OK, failure.StatusCode);
        Assert.Null(machine.Script.Protocol);
    }

    [Fact]
    public async Task A_machine_that_is_not_there_is_an_error_and_not_a_hang()
    {
        var machine = await SmallMachine.Start();
        var api = Api(machine);
        await machine.DisposeAsync();
        var failure = await Assert.ThrowsAsync<RpcException>(() => api.IsInstalled(IPAddress.Loopback, Deadline.Token));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task A_machine_that_does_not_answer_is_given_up()
    {
        await using var machine = await SmallMachine.Start();
        machine.Script.Hold = new TaskCompletionSource().Task;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Deadline.Token);
        var call = Api(machine).IsInstalled(IPAddress.Loopback, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => Deadline.Within(call));

        var impatient = new MaintenanceApi(port: machine.Port, limit: TimeSpan.FromMilliseconds(300));
        var late = await Assert.ThrowsAsync<RpcException>(() => impatient.IsInstalled(IPAddress.Loopback, Deadline.Token));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
    }

    private static MaintenanceApi Api(SmallMachine machine) => new(port: machine.Port);
}
