using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Tunnel;

/// <summary>Carries datagrams to machines whose UDP is blocked, each in its gRPC stream (reference/siderolink.md 5). The engine calls it.</summary>
public interface IStreamCarrier
{
    /// <summary>Takes a copy of one datagram for the stream of an endpoint. Never blocks: without a stream it is dropped, and a full queue drops its oldest.</summary>
    void Send(in PeerEndpoint to, ReadOnlySpan<byte> datagram);
}
