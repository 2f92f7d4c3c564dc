using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Tests.Engine;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Workers_may_send_while_the_peer_is_removed_added_and_ticked()
    {
        using var pair = new Pair().Connected();
        using var sink = new Side(pair.Clock, 8);
        var packet = Side.Packet(pair.A.Address, pair.B.Address, 100);
        var sealing = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var room = new byte[pair.A.Core.SealedLength(packet.Length)];
            var sealedPackets = 0;
            for (var i = 0; i < 2_000; i++)
            {
                packet.CopyTo(room, WireGuardCore.HeaderLength);
                if (pair.A.Core.Route(packet) is { } peer && pair.A.Core.Seal(peer, room, packet.Length) > 0)
                {
                    sealedPackets++;
                }
            }

            return sealedPackets;
        })).ToArray();
        for (var i = 0; i < 200; i++)
        {
            pair.A.Identity.Remove(pair.B.Identity.PublicKey);
            pair.A.Knows(pair.B);
            pair.A.Core.Tick(sink);
        }

        await Task.WhenAll(sealing);
        Assert.Equal(0, pair.A.Core.Indices.Count);
        Assert.Equal(1, pair.A.Identity.Count);
        pair.A.SendTo(pair.B);
        pair.Pass(6);
        Assert.Single(pair.B.Packets);
    }
}
