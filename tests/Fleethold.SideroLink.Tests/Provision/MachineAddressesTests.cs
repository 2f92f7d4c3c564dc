using System.Net;
using System.Text.Json;
using Fleethold.SideroLink.Provision;
using Fleethold.SideroLink.Wire;
using Fleethold.Testing;

namespace Fleethold.SideroLink.Tests.Provision;

public class MachineAddressesTests
{
    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Networks_are_those_of_the_vectors()
    {
        using var vectors = Vectors.Json("misc/addresses.json");
        var root = vectors.RootElement;
        foreach (var one in root.GetProperty("prefixes").EnumerateArray())
        {
            var network = MachineAddresses.NetworkOf(one.GetProperty("installationId").GetString()!);
            var server = MachineAddresses.ServerIn(network);

            Assert.Equal(one.GetProperty("prefix").GetString(), MachineAddresses.Stored(network.BaseAddress));
            Assert.Equal(one.GetProperty("serverAddress").GetString(), MachineAddresses.Text(server));
            Assert.Equal(one.GetProperty("serverAddressPrefix").GetString(), MachineAddresses.Stored(server));
        }

        Assert.Equal(TunnelAddresses.Machines, MachineAddresses.NetworkOf(""));
        Assert.Equal(root.GetProperty("serverAddress").GetString(), MachineAddresses.Text(TunnelAddresses.Server));
        Assert.Equal(root.GetProperty("virtualPrefix").GetString(), MachineAddresses.Stored(TunnelAddresses.Virtual.BaseAddress));
        Assert.Equal(TunnelAddresses.VirtualPort, root.GetProperty("virtualPort").GetInt32());
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Addresses_of_machines_are_written_as_in_the_vectors()
    {
        using var vectors = Vectors.Json("misc/addresses.json");
        foreach (var one in vectors.RootElement.GetProperty("nodes").EnumerateArray())
        {
            var host = Convert.FromHexString(one.GetProperty("randomBytesHex").GetString()!);
            var address = MachineAddresses.Join(TunnelAddresses.Machines, host);

            Assert.Equal(one.GetProperty("nodeSubnet").GetString(), MachineAddresses.Stored(address));
            Assert.Equal(one.GetProperty("peerAllowedIp").GetString(), MachineAddresses.AllowedIp(address));
            Assert.Equal(one.GetProperty("apidAddress").GetString(), MachineAddresses.Text(new IPEndPoint(address, 50000)));
            Assert.Equal(
                one.GetProperty("virtualAddrport").GetString(),
                MachineAddresses.Text(new IPEndPoint(MachineAddresses.Join(TunnelAddresses.Virtual, host), TunnelAddresses.VirtualPort)));
        }
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Stored_addresses_are_read_or_refused_as_in_the_vectors()
    {
        using var vectors = Vectors.Json("misc/addresses.json");
        foreach (var one in vectors.RootElement.GetProperty("prefixParsing").EnumerateArray())
        {
            var text = one.GetProperty("text").GetString()!;

            var read = MachineAddresses.TryParseStored(text, out var address, out var bits);

            Assert.True(read == (one.GetProperty("error").ValueKind == JsonValueKind.Null), text);
            if (read)
            {
                Assert.Equal(one.GetProperty("canonical").GetString(), $"{MachineAddresses.Text(address!)}/{bits}");
                Assert.Equal(one.GetProperty("inOmniPrefix").GetBoolean(), TunnelAddresses.Machines.Contains(address!));
            }
        }
    }

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Virtual_addresses_are_read_or_refused_as_in_the_vectors()
    {
        using var vectors = Vectors.Json("misc/addresses.json");
        foreach (var one in vectors.RootElement.GetProperty("virtualAddrportParsing").EnumerateArray())
        {
            var text = one.GetProperty("text").GetString()!;

            var read = MachineAddresses.TryParseEndpoint(text, out var endpoint);

            Assert.True(read == (one.GetProperty("error").ValueKind == JsonValueKind.Null), text);
            if (read)
            {
                Assert.Equal(one.GetProperty("canonical").GetString(), MachineAddresses.Text(endpoint!));
                Assert.Equal(one.GetProperty("isVirtual").GetBoolean(), MachineAddresses.IsVirtual(endpoint!));
            }
        }
    }

    [Theory]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("fdae:41e4:649b:9303:0:5efe:1234:5678", "fdae:41e4:649b:9303:0:5efe:1234:5678")]
    [InlineData("1:0:0:2:0:0:0:3", "1:0:0:2::3")]
    [InlineData("1:0:0:2:3:0:0:4", "1::2:3:0:0:4")]
    [InlineData("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7")]
    public void Text_is_canonical(string written, string canonical) => Assert.Equal(canonical, MachineAddresses.Text(IPAddress.Parse(written)));

    [Theory]
    [InlineData("1")]
    [InlineData("1.2.3/8")]
    [InlineData("010.0.0.1/8")]
    [InlineData("[::1]/64")]
    [InlineData("::1%1/64")]
    [InlineData("::1/+1")]
    [InlineData("::1/")]
    [InlineData("10.0.0.1/33")]
    public void What_only_the_platform_takes_for_an_address_is_refused(string text) => Assert.False(MachineAddresses.TryParseStored(text, out _, out _));

    [Fact]
    public void New_addresses_are_in_their_network_and_never_taken()
    {
        var refused = new List<IPAddress>();
        var machine = MachineAddresses.NewMachine(address =>
        {
            refused.Add(address);
            return refused.Count < 3;
        });
        var tunnel = MachineAddresses.NewVirtual(_ => false);

        Assert.Equal(3, refused.Distinct().Count());
        Assert.Equal(refused[2], machine);
        Assert.True(TunnelAddresses.Machines.Contains(machine));
        Assert.NotEqual(TunnelAddresses.Server, machine);
        Assert.True(MachineAddresses.IsVirtual(tunnel));
        Assert.Equal(TunnelAddresses.VirtualPort, tunnel.Port);
    }
}
