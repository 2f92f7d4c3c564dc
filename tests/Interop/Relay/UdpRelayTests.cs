using System.Net;
using System.Net.Sockets;
using Fleethold.Testing;

namespace Fleethold.Interop.Relay;

public class UdpRelayTests
{
    [Fact]
    public async Task Datagrams_pass_in_both_directions_and_each_sender_gets_its_own_answers()
    {
        using var target = Udp();
        await using var relay = new UdpRelay(new(IPAddress.Loopback, 0), (IPEndPoint)target.LocalEndPoint!, Impairments.None, 1);
        var at = relay.Start();
        using var one = Udp();
        using var other = Udp();
        one.SendTo("one"u8, at);
        other.SendTo("other"u8, at);

        var buffer = new byte[100];
        for (var i = 0; i < 2; i++)
        {
            var received = await Deadline.Within(target.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0)));
            target.SendTo(buffer.AsSpan(0, received.ReceivedBytes), received.RemoteEndPoint);
        }

        Assert.Equal("one", await Text(one));
        Assert.Equal("other", await Text(other));
    }

    [Fact]
    public void The_same_seed_gives_the_same_fates()
    {
        var network = new Impairments(0.2, 0.1, 0.1, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(3));
        var first = Fates(network, 7);
        Assert.Equal(first, Fates(network, 7));
        Assert.NotEqual(first, Fates(network, 8));
        Assert.InRange(first.Count(fate => fate == ""), 150, 250);
        Assert.InRange(first.Count(fate => fate.Contains('+', StringComparison.Ordinal)), 50, 120);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var network = new Impairments(0.25, 0.5, 0.125, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(30));
        Assert.Equal(network, Impairments.Parse(network.ToString()));
        Assert.Throws<FormatException>(() => Impairments.Parse("1,2"));
    }

    private static List<string> Fates(Impairments network, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 1000).Select(_ => string.Join('+', network.Next(random)))];
    }

    private static async Task<string> Text(Socket socket)
    {
        var buffer = new byte[100];
        var length = await Deadline.Within(socket.ReceiveAsync(buffer, SocketFlags.None));
        return System.Text.Encoding.ASCII.GetString(buffer, 0, length);
    }

    private static Socket Udp()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
