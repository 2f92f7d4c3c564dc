using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Tests.Engine;

public sealed class AllocationTests
{
    [Fact]
    public void Sealing_and_opening_a_packet_allocates_nothing()
    {
        using var pair = new Pair(keepaliveA: 25, keepaliveB: 25).Connected();
        var packet = Side.Packet(pair.A.Address, pair.B.Address, 1240);
        Memory<byte> room = new byte[pair.A.Core.SealedLength(packet.Length)];
        var output = new Nothing();
        RoundTrips(pair, packet, room, output, 200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        RoundTrips(pair, packet, room, output, 10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10_200, output.Written);
    }

    private static void RoundTrips(Pair pair, byte[] packet, Memory<byte> room, Nothing output, int times)
    {
        for (var i = 0; i < times; i++)
        {
            packet.CopyTo(room.Span[WireGuardCore.HeaderLength..]);
            var peer = pair.A.Core.Route(packet)!;
            var length = pair.A.Core.Seal(peer, room.Span, packet.Length);
            pair.B.Core.Receive(room[..length], pair.A.Endpoint, output, output);
        }
    }

    private sealed class Nothing : IDatagramOutput, IPacketOutput
    {
        public int Written { get; private set; }

        public void Write(Memory<byte> packet) => Written++;

        public Span<byte> Reserve(in PeerEndpoint to, int length) => throw new InvalidOperationException("nothing is sent here");

        public void Commit(int length) => throw new InvalidOperationException("nothing is sent here");

        public void Flush()
        {
        }
    }
}
