using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Tunnel;

/// <summary>Takes datagrams that didn't come over UDP into the engine. Thread-safe.</summary>
public interface IDatagramInput
{
    /// <summary>Handles one datagram as if it had arrived over UDP; returns when its bytes are no longer needed.</summary>
    /// <param name="datagram">The WireGuard message; opened in place, so its bytes change.</param>
    /// <param name="from">The stream it came by, where replies go.</param>
    void Receive(Memory<byte> datagram, in PeerEndpoint from);
}
