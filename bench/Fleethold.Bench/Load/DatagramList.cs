using Fleethold.SideroLink.Engine;

namespace Fleethold.Bench.Load;

/// <summary>Keeps or only counts the datagrams that a core sends.</summary>
/// <param name="take">Takes each datagram; the span is valid during the call.</param>
internal sealed class DatagramList(Action<ReadOnlySpan<byte>> take) : IDatagramOutput
{
    private readonly byte[] _room = new byte[65_535];

    public Span<byte> Reserve(in PeerEndpoint to, int length) => _room.AsSpan(0, length);

    public void Commit(int length) => take(_room.AsSpan(0, length));

    public void Flush()
    {
    }
}
