using System.Net;
using Fleethold.SideroLink.Wire;
using Fleethold.Simulator.Machines;
using Fleethold.Simulator.Provisioning;

namespace Fleethold.Simulator.Tests;

public sealed class ParsingTests
{
    private static readonly string Key = Convert.ToBase64String(new byte[32]);

    [Fact]
    public void Kernel_arguments_say_where_to_join()
    {
        const string Arguments = "console=tty0 siderolink.api=https://host:8090?grpc_tunnel=true&jointoken=a%3Ab%2B "
            + "talos.events.sink=[fdae:41e4:649b:9303::1]:8090 talos.logging.kernel=tcp://[fdae:41e4:649b:9303::1]:8092";

        Assert.True(JoinParameters.TryParse(Arguments, out var join, out _));

        Assert.Equal("https://host:8090/", join.Api.ToString());
        Assert.Equal("a:b+", join.Token);
        Assert.True(join.WantsGrpcTunnel);
        Assert.Equal(IPEndPoint.Parse("[fdae:41e4:649b:9303::1]:8090"), join.Events);
        Assert.Equal(IPEndPoint.Parse("[fdae:41e4:649b:9303::1]:8092"), join.Logs);
    }

    [Theory]
    [InlineData("grpc://10.0.0.1:8090?jointoken=x", "http://10.0.0.1:8090/")]
    [InlineData("10.0.0.1:8090?jointoken=x", "http://10.0.0.1:8090/")]
    [InlineData("https://host?jointoken=x", "https://host/")]
    [InlineData("https://host:8090", "https://host:8090/")]
    public void The_forms_of_the_url_are_those_of_Talos(string text, string api)
    {
        Assert.True(JoinParameters.TryParseApi(text, null, null, out var join, out _));
        Assert.Equal(api, join.Api.ToString());
    }

    [Theory]
    [InlineData("", "siderolink.api")]
    [InlineData("siderolink.api=grpc://host", "not the URL")]
    [InlineData("siderolink.api=", "not the URL")]
    [InlineData("siderolink.api=grpc://h:1 talos.events.sink=nowhere", "talos.events.sink")]
    [InlineData("siderolink.api=grpc://h:1 talos.logging.kernel=udp://1.2.3.4:5", "talos.logging.kernel")]
    public void What_is_wrong_with_kernel_arguments_is_named(string arguments, string named)
    {
        Assert.False(JoinParameters.TryParse(arguments, out _, out var problem));
        Assert.Contains(named, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_and_the_last_endpoint_are_swapped_back()
    {
        var answer = ProvisionAnswer.Read(new()
        {
            ServerEndpoint = { "c:3", "b:2", "[2001:db8::1]:1" },
            ServerPublicKey = Key,
            NodeAddressPrefix = "fdae:41e4:649b:9303::7/64",
            ServerAddress = "fdae:41e4:649b:9303::1",
        });

        Assert.Equal(["2001:db8::1 1", "b 2", "c 3"], answer.Endpoints.Select(one => $"{one.Host} {one.Port}"));
        Assert.Equal(IPAddress.Parse("fdae:41e4:649b:9303::7"), answer.Address);
        Assert.Null(answer.VirtualAddress);
    }

    [Theory]
    [InlineData("1.2.3.4", "fdae::7/64", "fdae::1", "server_endpoint")]
    [InlineData("1.2.3.4:5", "fdae::7", "fdae::1", "node_address_prefix")]
    [InlineData("1.2.3.4:5", "fdae::7/64", "fdae::1/64", "server_address")]
    public void An_answer_that_a_machine_cannot_use_is_refused_by_field(string endpoint, string prefix, string server, string named)
    {
        var response = new ProvisionResponse { ServerEndpoint = { endpoint }, ServerPublicKey = Key, NodeAddressPrefix = prefix, ServerAddress = server };
        Assert.Contains(named, Assert.Throws<FormatException>(() => ProvisionAnswer.Read(response)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pauses_grow_by_half_each_time_up_to_a_minute_and_are_spread_by_half()
    {
        var backoff = new Backoff(new Random(3));
        var expected = 0.5;
        for (var i = 0; i < 30; i++)
        {
            Assert.InRange(backoff.Next().TotalSeconds, expected * 0.5, expected * 1.5);
            expected = Math.Min(60, expected * 1.5);
        }

        backoff.Reset();
        Assert.InRange(backoff.Next().TotalSeconds, 0.25, 0.75);
    }

    [Fact]
    public void Event_ids_have_twenty_characters_and_sort_by_their_order()
    {
        var ids = new Events.Xid(new Random(5), TimeProvider.System);
        var made = Enumerable.Range(0, 1000).Select(_ => ids.Next()).ToList();
        Assert.Equal(made.Order(StringComparer.Ordinal), made);
        Assert.All(made, id => Assert.Matches("^[0-9a-v]{20}$", id));
        Assert.Equal(1000, made.Distinct().Count());
    }

    [Fact]
    public void The_same_seed_makes_the_same_hardware()
    {
        var one = MachineHardware.Make(new Random(1), "v1.13.8", true);
        var two = MachineHardware.Make(new Random(1), "v1.13.8", true);
        Assert.Equal(one.Uuid, two.Uuid);
        Assert.Equal(one.LinkAddresses[0], two.LinkAddresses[0]);
        Assert.Matches("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", one.Uuid);
    }
}
