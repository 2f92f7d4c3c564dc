namespace Fleethold.SideroLink.Engine;

/// <summary>
/// Where sealed datagrams go. One worker owns one output; it isn't safe for use by several threads at once. Room is lent so that a packet is
/// sealed where it is sent from, and equal datagrams to one endpoint that follow each other can leave as one (UDP_SEGMENT).
/// </summary>
public interface IDatagramOutput
{
    /// <summary>Room for one datagram. It is valid until the next call of any method here.</summary>
    /// <param name="to">Where it will go.</param>
    /// <param name="length">Its greatest length in bytes, at most 65,535.</param>
    Span<byte> Reserve(in PeerEndpoint to, int length);

    /// <summary>The first bytes of the room are a datagram. It may leave now or with <see cref="Flush"/>. Room that isn't committed is given back by the next call.</summary>
    /// <param name="length">Its length in bytes, at most what was reserved.</param>
    void Commit(int length);

    /// <summary>Everything committed leaves. What can't be sent is dropped and counted, as WireGuard expects.</summary>
    void Flush();
}
