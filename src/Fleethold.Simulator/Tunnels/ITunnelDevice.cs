using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Simulator.Tunnels;

/// <summary>Carries the tunnels of all machines of a process. Thread-safe.</summary>
internal interface ITunnelDevice : IAsyncDisposable
{
    /// <summary>Brings a tunnel up and begins its handshake. One that exists (by its public key) keeps its session and only learns the endpoint.</summary>
    void Open(MachineTunnel tunnel);

    /// <summary>Takes a tunnel down without a word; one that isn't there is fine.</summary>
    void Close(PublicKey key);

    /// <summary>When the last handshake was complete; null when never.</summary>
    DateTimeOffset? LastHandshake(PublicKey key);

    /// <summary>A datagram came out of the gRPC tunnel of a machine. Its bytes change; they are free again on return.</summary>
    void Receive(PublicKey key, Memory<byte> datagram, in PeerEndpoint from);

    /// <summary>The datagrams of a machine come from another UDP port from now on.</summary>
    void Roam(PublicKey key);

    /// <summary>Loses a share of a machine's datagrams, both ways; 0 none, 1 all of them, as when it is frozen.</summary>
    void Lose(PublicKey key, double share);
}
