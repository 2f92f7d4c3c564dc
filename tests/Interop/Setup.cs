using System.Globalization;
using Fleethold.Interop.Topology;

namespace Fleethold.Interop;

/// <summary>Two namespaces, keys and agents of one test; all of it is removed at the end.</summary>
internal sealed class Setup : IAsyncDisposable
{
    /// <summary>The server inside the tunnel.</summary>
    public const string ServerAddress = "fdae:41e4:649b:9303::1";

    /// <summary>The machine inside the tunnel.</summary>
    public const string MachineAddress = "fdae:41e4:649b:9303::2";

    private readonly List<IAsyncDisposable> _parts = [];

    private Setup(NamespacePair net, (string Private, string Public) server, (string Private, string Public) machine)
    {
        Net = net;
        Server = server;
        Machine = machine;
    }

    public NamespacePair Net { get; }

    public (string Private, string Public) Server { get; }

    public (string Private, string Public) Machine { get; }

    /// <summary>Makes it, or skips the test where it can't be.</summary>
    public static async Task<Setup> Create()
    {
        if (WireGuardGo.Obstacle is { } obstacle)
        {
            Assert.Skip(obstacle);
        }

        return new Setup(await NamespacePair.Create(), await WireGuardGo.NewKey(), await WireGuardGo.NewKey());
    }

    /// <summary>The address and port of the server outside the tunnel.</summary>
    public static string Outside(int family, int port = 51820) =>
        string.Create(CultureInfo.InvariantCulture, $"{(family == 4 ? "192.0.2.1" : "[2001:db8::1]")}:{port}");

    /// <summary>The same of the machine.</summary>
    public static string MachineOutside(int family) => family == 4 ? "192.0.2.2:51821" : "[2001:db8::2]:51821";

    /// <summary>An agent in a namespace.</summary>
    public AgentProcess Agent(string name, params string[] wrapper) => Keep(AgentProcess.Start(name, Environment.ProcessPath!, wrapper));

    /// <summary>Our server, which knows the machine.</summary>
    public async Task<AgentProcess> OurServer(string machineEndpoint = "-", string further = "")
    {
        var agent = Agent(Net.Server);
        Assert.Equal(Server.Public, await agent.Ask($"open siderolink {Server.Private} {ServerAddress} 51820 25 {further}".Trim()));
        await agent.Ask($"peer {Machine.Public} {MachineAddress} {machineEndpoint}");
        return agent;
    }

    /// <summary>Our engine as the machine.</summary>
    public async Task<AgentProcess> OurMachine(string serverEndpoint, string further = "")
    {
        var agent = Agent(Net.Machine);
        await agent.Ask($"open siderolink {Machine.Private} {MachineAddress} 51821 25 {further}".Trim());
        await agent.Ask($"peer {Server.Public} {ServerAddress} {serverEndpoint}");
        return agent;
    }

    /// <summary>wireguard-go as the machine.</summary>
    public async Task<WireGuardGo> TheirMachine(string? serverEndpoint, int keepalive = 25)
    {
        var machine = Keep(await WireGuardGo.Start(Net.Machine, Machine.Private, 51821, MachineAddress + "/64"));
        await machine.SetPeer(Server.Public, ServerAddress + "/128", serverEndpoint, keepalive);
        return machine;
    }

    /// <summary>wireguard-go as the server.</summary>
    public async Task<WireGuardGo> TheirServer()
    {
        var server = Keep(await WireGuardGo.Start(Net.Server, Server.Private, 51820, ServerAddress + "/64"));
        await server.SetPeer(Machine.Public, MachineAddress + "/128", null, 25);
        return server;
    }

    /// <summary>Waits until a ping from one side is answered by the other.</summary>
    public Task Ping(string from, string address) => Shell.Until(
        $"{address} answers a ping from {from}", async () => (await Shell.Try("ip", "netns", "exec", from, "ping", "-6", "-n", "-q", "-c", "1", "-W", "1", address)).Code == 0);

    /// <summary>Sends bytes by TCP from one agent to another, which must arrive intact.</summary>
    public static async Task Transfer(AgentProcess from, AgentProcess to, string address, int port, int bytes)
    {
        await to.Ask(string.Create(CultureInfo.InvariantCulture, $"serve {address} {port}"));
        Assert.Equal("intact", await from.Ask(string.Create(CultureInfo.InvariantCulture, $"send {address} {port} {bytes} {port}")));
    }

    /// <summary>What our engine knows of the peer: last handshake in unix milliseconds, bytes received and sent, endpoint, and how often that changed.</summary>
    public static async Task<(long Handshake, long Received, long Sent, string Endpoint, long Changes)> Find(AgentProcess agent, string key)
    {
        var words = (await agent.Ask($"find {key}")).Split(' ');
        return words is [var handshake, var received, var sent, var endpoint, var changes]
            ? (Number(handshake), Number(received), Number(sent), endpoint, Number(changes))
            : throw new InvalidOperationException($"the peer is {string.Join(' ', words)}");

        static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            for (var i = _parts.Count - 1; i >= 0; i--)
            {
                await _parts[i].DisposeAsync();
            }
        }
        finally
        {
            await Net.DisposeAsync();
        }
    }

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }
}
