using System.Net;
using System.Net.Sockets;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Simulator.Tunnels;

/// <summary>
/// Initiations of WireGuard handshakes from keys that the server doesn't know, well formed and in a steady rate: each costs the server the work of
/// finding out that it knows nobody.
/// </summary>
internal sealed class HandshakeFlood(IPEndPoint server, PublicKey key, int perSecond, TimeProvider clock)
{
    private const int Keys = 256;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Floods until it is cancelled; nothing is thrown then.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        var initiations = Make();
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellation);
        using var timer = new PeriodicTimer(Interval, clock);
        var next = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                for (var i = 0; i < perSecond * Interval.TotalSeconds; i++)
                {
                    try
                    {
                        await socket.SendAsync(initiations[next++ % Keys], cancellation);
                    }
                    catch (SocketException)
                    {
                        // Nobody listens at the moment.
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private byte[][] Make()
    {
        using var core = new WireGuardCore(new CoreOptions(), clock);
        var taken = new Taken();
        for (var i = 0; i < Keys; i++)
        {
            var identity = core.AddIdentity(KeyPair.Generate().Secret, (UInt128)i + 1, InputFilter.None);
            core.Initiate(identity.Set(key, UInt128.MaxValue, PeerEndpoint.Udp(server.Address, server.Port), 0)!, taken);
        }

        return [.. taken.Datagrams];
    }

    private sealed class Taken : IDatagramOutput
    {
        private byte[] _room = [];

        public List<byte[]> Datagrams { get; } = [];

        public Span<byte> Reserve(in PeerEndpoint to, int length) => _room = new byte[length];

        public void Commit(int length) => Datagrams.Add(_room[..length]);

        public void Flush()
        {
        }
    }
}
