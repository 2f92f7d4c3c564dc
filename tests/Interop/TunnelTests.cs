using Fleethold.Interop.Topology;

namespace Fleethold.Interop;

/// <summary>Our tunnel with real devices and sockets, against Debian's wireguard-go and against itself.</summary>
public sealed class TunnelTests
{
    private const int Bytes = 20_000_000;

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public async Task Wireguard_go_dials_in_and_traffic_flows_both_ways(int family)
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer();
        var machine = await setup.TheirMachine(Setup.Outside(family));
        var machineAgent = setup.Agent(setup.Net.Machine);

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        await setup.Ping(setup.Net.Server, Setup.MachineAddress);
        await Setup.Transfer(machineAgent, server, Setup.ServerAddress, 1001, Bytes);
        await Setup.Transfer(server, machineAgent, Setup.MachineAddress, 1002, Bytes);

        var found = await Setup.Find(server, setup.Machine.Public);
        Assert.Equal(Setup.MachineOutside(family), found.Endpoint);
        Assert.True(found.Handshake > 0);
        Assert.InRange(found.Received, Bytes, 2 * Bytes);
        Assert.InRange(found.Sent, Bytes, 2 * Bytes);
        Assert.NotEqual("0", await machine.Show("latest-handshakes"));
        Assert.Contains("wrong=0", await server.Ask("counters"), StringComparison.Ordinal);
        Assert.Equal("", server.Complaints);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public async Task Ours_dials_wireguard_go_and_traffic_flows_both_ways(int family)
    {
        await using var setup = await Setup.Create();
        await setup.TheirServer();
        var serverAgent = setup.Agent(setup.Net.Server);
        var machine = await setup.OurMachine(Setup.Outside(family));

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        await setup.Ping(setup.Net.Server, Setup.MachineAddress);
        await Setup.Transfer(machine, serverAgent, Setup.ServerAddress, 1001, Bytes);
        await Setup.Transfer(serverAgent, machine, Setup.MachineAddress, 1002, Bytes);
        Assert.Equal("", machine.Complaints);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public async Task Ours_on_both_ends_carries_100_MB_intact_each_way(int family)
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer();
        var machine = await setup.OurMachine(Setup.Outside(family));

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        await Setup.Transfer(machine, server, Setup.ServerAddress, 1001, 100_000_000);
        await Setup.Transfer(server, machine, Setup.MachineAddress, 1002, 100_000_000);
        Assert.Equal("", server.Complaints + machine.Complaints);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public async Task Several_workers_share_the_load_of_one_tunnel(int family)
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer(further: "workers");
        var machine = await setup.OurMachine(Setup.Outside(family), "workers");

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        await Setup.Transfer(machine, server, Setup.ServerAddress, 1001, Bytes);
        await Setup.Transfer(server, machine, Setup.MachineAddress, 1002, Bytes);
        Assert.Equal("", server.Complaints + machine.Complaints);
    }

    [Fact]
    public async Task A_path_narrower_than_a_datagram_is_used_without_segmentation_offload()
    {
        await using var setup = await Setup.Create();
        foreach (var name in (string[])[setup.Net.Server, setup.Net.Machine])
        {
            await Shell.Run("ip", "-n", name, "link", "set", "cable", "mtu", "1300");
        }

        var server = await setup.OurServer();
        var machine = await setup.OurMachine(Setup.Outside(4));

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        await Setup.Transfer(machine, server, Setup.ServerAddress, 1001, Bytes);
        await Setup.Transfer(server, machine, Setup.MachineAddress, 1002, Bytes);
        Assert.Equal("0 0", await server.Ask("dropped"));
        Assert.Equal("0 0", await machine.Ask("dropped"));
    }

    [Fact]
    public async Task A_machine_whose_datagrams_come_by_a_stream_may_move_to_UDP()
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer();
        await server.Ask("stream listen 192.0.2.1:7000");
        var machine = await setup.OurMachine("stream");
        await machine.Ask("stream dial 192.0.2.1:7000");

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        await Setup.Transfer(machine, server, Setup.ServerAddress, 1001, 5_000_000);
        await Setup.Transfer(server, machine, Setup.MachineAddress, 1002, 5_000_000);
        Assert.Equal("[fdae:41e4:649b:9304::2]:50889", (await Setup.Find(server, setup.Machine.Public)).Endpoint);

        // Once it is back with UDP, the server follows.
        await machine.DisposeAsync();
        await setup.OurMachine(Setup.Outside(4));
        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        await setup.Ping(setup.Net.Server, Setup.MachineAddress);
        Assert.Equal("192.0.2.2:51821", (await Setup.Find(server, setup.Machine.Public)).Endpoint);
        Assert.Equal("", server.Complaints);
    }

    [Fact]
    public async Task The_bandwidth_limit_slows_both_directions_and_breaks_nothing()
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer(further: "limited");
        var machine = await setup.OurMachine(Setup.Outside(4));

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        var start = TimeProvider.System.GetTimestamp();
        await Setup.Transfer(machine, server, Setup.ServerAddress, 1001, 2_000_000);
        await Setup.Transfer(server, machine, Setup.MachineAddress, 1002, 2_000_000);

        // 4 MB at 2 MB/s, with 0.1 MB for the burst.
        Assert.True(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(1.9));
        Assert.DoesNotContain("0", (await server.Ask("limited")).Split(' '));
        Assert.Contains("The bandwidth limit of the tunnel dropped", server.Complaints, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_that_moves_to_another_port_and_address_is_followed()
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer();
        var machine = await setup.TheirMachine(Setup.Outside(4), keepalive: 1);
        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);

        await machine.Set("listen-port", "52000");
        await Shell.Until("the new port is known", async () => (await Setup.Find(server, setup.Machine.Public)).Endpoint == "192.0.2.2:52000");
        await setup.Ping(setup.Net.Server, Setup.MachineAddress);

        await Shell.Run("ip", "-n", setup.Net.Machine, "address", "add", "192.0.2.3/24", "dev", "cable");
        await Shell.Run("ip", "-n", setup.Net.Machine, "address", "delete", "192.0.2.2/24", "dev", "cable");
        await Shell.Run("ip", "-n", setup.Net.Machine, "address", "replace", "192.0.2.3/24", "dev", "cable");
        await Shell.Until("the new address is known", async () => (await Setup.Find(server, setup.Machine.Public)).Endpoint == "192.0.2.3:52000");
        await setup.Ping(setup.Net.Server, Setup.MachineAddress);

        await machine.SetPeer(setup.Server.Public, Setup.ServerAddress + "/128", Setup.Outside(6), keepalive: 1);
        await Shell.Until("the IPv6 address is known", async () => (await Setup.Find(server, setup.Machine.Public)).Endpoint == "[2001:db8::2]:52000");
        await setup.Ping(setup.Net.Server, Setup.MachineAddress);
        Assert.InRange((await Setup.Find(server, setup.Machine.Public)).Changes, 3, 10);
    }

    [Fact]
    public async Task The_tunnel_comes_back_after_either_side_restarts()
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer();
        var machine = await setup.TheirMachine(Setup.Outside(4));
        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);

        // The machine comes back with the same key and dials.
        await machine.DisposeAsync();
        await setup.TheirMachine(Setup.Outside(4));
        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        await setup.Ping(setup.Net.Server, Setup.MachineAddress);

        // The server comes back without sessions; it remembers the endpoint and dials.
        await server.Kill();
        server = await setup.OurServer(Setup.MachineOutside(4));
        await setup.Ping(setup.Net.Server, Setup.MachineAddress);
        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        Assert.True((await Setup.Find(server, setup.Machine.Public)).Handshake > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Traffic_survives_loss_delay_duplication_and_reordering(bool theirs)
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer();
        var relay = setup.Agent(setup.Net.Server);
        await relay.Ask($"relay 192.0.2.1:5000 {Setup.Outside(4)} 42 2 3 3 5");
        AgentProcess machine;
        if (theirs)
        {
            await setup.TheirMachine(Setup.Outside(4, 5000));
            machine = setup.Agent(setup.Net.Machine);
        }
        else
        {
            machine = await setup.OurMachine(Setup.Outside(4, 5000));
        }

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        await Setup.Transfer(machine, server, Setup.ServerAddress, 1001, 3_000_000);
        await Setup.Transfer(server, machine, Setup.MachineAddress, 1002, 3_000_000);

        var relayed = await relay.Ask("relayed");
        Assert.DoesNotContain("lost=0", relayed, StringComparison.Ordinal);
        Assert.DoesNotContain("doubled=0", relayed, StringComparison.Ordinal);
        Assert.DoesNotContain("late=0", relayed, StringComparison.Ordinal);
        Assert.DoesNotContain("replayed=0", await server.Ask("counters"), StringComparison.Ordinal);
        Assert.Equal("", server.Complaints);
    }

    [Fact]
    public async Task Wireguard_go_proves_its_address_with_a_cookie_when_the_server_is_under_load()
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer(further: "cookies");
        await setup.TheirMachine(Setup.Outside(4));

        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);
        var counters = await server.Ask("counters");
        Assert.DoesNotContain("cookies=0", counters, StringComparison.Ordinal);
        Assert.Contains("handshakes=1", counters, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_machines_share_one_device_and_each_uses_its_own_tunnel()
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer();
        var machines = setup.Agent(setup.Net.Machine);
        await machines.Ask("machines");
        await server.Ask($"serve {Setup.ServerAddress} 1001");
        for (var i = 0; i < 20; i++)
        {
            var (key, publicKey) = await WireGuardGo.NewKey();
            var address = $"fdae:41e4:649b:9303::a:{i:x}";
            await server.Ask($"peer {publicKey} {address} -");
            Assert.Equal(publicKey, await machines.Ask($"machine {key} {address} {setup.Server.Public} {Setup.Outside(i % 2 == 0 ? 4 : 6)}"));
            Assert.Equal("intact", await machines.Ask($"send {Setup.ServerAddress} 1001 100000 {i} {address}"));
            Assert.InRange((await Setup.Find(server, publicKey)).Received, 100_000, 200_000);
            await machines.Ask($"serve {address} {2000 + i}");
            Assert.Equal("intact", await server.Ask($"send {address} {2000 + i} 100000 {i}"));
        }

        Assert.Equal("", server.Complaints + machines.Complaints);
    }

    [Fact]
    public async Task Removing_a_peer_ends_its_traffic_and_leaves_others_alone()
    {
        await using var setup = await Setup.Create();
        var server = await setup.OurServer();
        await setup.TheirMachine(Setup.Outside(4));
        await setup.Ping(setup.Net.Machine, Setup.ServerAddress);

        await server.Ask($"remove {setup.Machine.Public}");

        var ping = await Shell.Try("ip", "netns", "exec", setup.Net.Machine, "ping", "-6", "-c", "1", "-W", "1", Setup.ServerAddress);
        Assert.NotEqual(0, ping.Code);
        Assert.Equal("none", await server.Ask($"find {setup.Machine.Public}"));
    }

    [Fact]
    public async Task A_device_name_that_is_in_use_and_a_missing_right_are_told_with_their_remedy()
    {
        await using var setup = await Setup.Create();
        await setup.OurServer();
        var second = setup.Agent(setup.Net.Server);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => second.Ask($"open siderolink {setup.Machine.Private} {Setup.MachineAddress} 51900 25"));
        Assert.Contains("error the network device 'siderolink' is in use by another program: stop that program or choose another device name", failure.Message, StringComparison.Ordinal);

        failure = await Assert.ThrowsAsync<InvalidOperationException>(() => second.Ask($"open other {setup.Machine.Private} {Setup.MachineAddress} 51820 25"));
        Assert.Contains("error UDP 0.0.0.0:51820 is in use by another program", failure.Message, StringComparison.Ordinal);

        if (!Shell.Has("setpriv"))
        {
            return;
        }

        var weak = setup.Agent(setup.Net.Machine, "setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin");
        failure = await Assert.ThrowsAsync<InvalidOperationException>(() => weak.Ask($"open siderolink {setup.Machine.Private} {Setup.MachineAddress} 51821 25"));
        Assert.Contains("CAP_NET_ADMIN", failure.Message, StringComparison.Ordinal);
    }
}
