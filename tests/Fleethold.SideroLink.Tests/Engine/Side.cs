using System.Buffers.Binary;
using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Tests.Engine;

/// <summary>A core with one identity whose datagrams stay in a list until the test moves them.</summary>
internal sealed class Side : IDatagramOutput, IPacketOutput, IDisposable
{
    private readonly byte[] _room = new byte[70_000];
    private PeerEndpoint _to;

    public Side(TimeProvider clock, byte number, CoreOptions? options = null, InputFilter filter = InputFilter.None)
    {
        Core = new WireGuardCore(options ?? new CoreOptions { Seed = number }, clock);
        PrivateKey = [.. Enumerable.Repeat(number, 32)];
        Address = (UInt128)number;
        Endpoint = PeerEndpoint.Udp(IPAddress.Parse("192.0.2." + number), 51820);
        Identity = Core.AddIdentity(PrivateKey, Address, filter);
    }

    public WireGuardCore Core { get; }

    public Identity Identity { get; }

    public byte[] PrivateKey { get; }

    public UInt128 Address { get; }

    /// <summary>Where the other side sees its datagrams come from.</summary>
    public PeerEndpoint Endpoint { get; set; }

    public List<(PeerEndpoint To, byte[] Bytes)> Sent { get; } = [];

    public List<byte[]> Packets { get; } = [];

    public int Count(MessageType type) => Sent.Count(datagram => Message.TypeOf(datagram.Bytes) == type);

    public Peer Knows(Side other, ushort keepalive = 0, bool endpoint = true) =>
        Identity.Set(other.Identity.PublicKey, other.Address, endpoint ? other.Endpoint : PeerEndpoint.None, keepalive)!;

    /// <summary>An IPv6 UDP packet with some bytes in it.</summary>
    public static byte[] Packet(UInt128 from, UInt128 to, int payload = 20, byte nextHeader = 17)
    {
        var packet = new byte[40 + payload];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)payload);
        packet[6] = nextHeader;
        packet[7] = 64;
        BinaryPrimitives.WriteUInt128BigEndian(packet.AsSpan(8), from);
        BinaryPrimitives.WriteUInt128BigEndian(packet.AsSpan(24), to);
        packet.AsSpan(40).Fill((byte)payload);
        return packet;
    }

    /// <summary>Sends as a worker does: route, seal, or stage.</summary>
    public void Send(byte[] packet)
    {
        var peer = Core.Route(packet);
        Assert.NotNull(peer);
        var room = Reserve(peer.Endpoint, Core.SealedLength(packet.Length));
        packet.CopyTo(room[WireGuardCore.HeaderLength..]);
        if (Core.Seal(peer, room, packet.Length) is > 0 and var length)
        {
            Commit(length);
        }
        else
        {
            Core.Stage(peer, packet, this);
        }
    }

    public void SendTo(Side other, int payload = 20) => Send(Packet(Address, other.Address, payload));

    public void Receive(byte[] datagram, PeerEndpoint from) => Core.Receive(datagram, from, this, this);

    public Span<byte> Reserve(in PeerEndpoint to, int length)
    {
        _to = to;
        return _room.AsSpan(0, length);
    }

    public void Commit(int length) => Sent.Add((_to, _room[..length]));

    public void Write(Memory<byte> packet) => Packets.Add(packet.ToArray());

    public void Flush()
    {
    }

    public void Dispose() => Core.Dispose();
}
