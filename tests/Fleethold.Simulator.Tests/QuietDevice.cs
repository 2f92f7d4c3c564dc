using System.Collections.Concurrent;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;
using Fleethold.Simulator.Tunnels;

namespace Fleethold.Simulator.Tests;

/// <summary>A device without WireGuard: on loopback the addresses of machines are reached anyway.</summary>
internal sealed class QuietDevice(TimeProvider clock) : ITunnelDevice
{
    public ConcurrentDictionary<PublicKey, MachineTunnel> Tunnels { get; } = new();

    public ConcurrentQueue<MachineTunnel> Opened { get; } = new();

    public ConcurrentQueue<byte[]> FromStreams { get; } = new();

    public bool ShakesHands { get; set; } = true;

    public void Open(MachineTunnel tunnel)
    {
        Tunnels[tunnel.Key.Public] = tunnel;
        Opened.Enqueue(tunnel);
    }

    public void Close(PublicKey key) => Tunnels.TryRemove(key, out _);

    public DateTimeOffset? LastHandshake(PublicKey key) => ShakesHands && Tunnels.ContainsKey(key) ? clock.GetUtcNow() : null;

    public void Receive(PublicKey key, Memory<byte> datagram, in PeerEndpoint from) => FromStreams.Enqueue(datagram.ToArray());

    public void Roam(PublicKey key) => throw new NotSupportedException("there is no UDP here");

    public void Lose(PublicKey key, double share) => throw new NotSupportedException("there is no UDP here");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
