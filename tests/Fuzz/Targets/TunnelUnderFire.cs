using System.Buffers.Binary;
using System.Net;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Fuzz.Targets;

/// <summary>
/// A server with one machine whose handshake is over. Everything that the two said is known to a stranger, who may replay and change it: nothing of
/// that gets an answer, gets a packet through, or moves the machine's endpoint.
/// </summary>
internal sealed class TunnelUnderFire
{
    private static readonly PeerEndpoint MachineAt = PeerEndpoint.Udp(IPAddress.Loopback, 40_000);
    private static readonly PeerEndpoint ServerAt = PeerEndpoint.Udp(IPAddress.Loopback, 51_820);

    private readonly WireGuardCore _server = new(new CoreOptions { Seed = 1 }, new StillClock());
    private readonly Sink _sink = new();
    private readonly Key32 _mac1Key;
    private readonly Peer _machine;
    private readonly uint _index;

    public TunnelUnderFire()
    {
        using var machines = new WireGuardCore(new CoreOptions { Seed = 2 }, new StillClock());
        var identity = _server.AddIdentity(Key(1), Address(1), InputFilter.OwnAddressOnly);
        var machine = machines.AddIdentity(Key(2), Address(2), InputFilter.None);
        _machine = identity.Set(machine.PublicKey, Address(2), PeerEndpoint.None, 0)!;
        var server = machine.Set(identity.PublicKey, Address(1), ServerAt, 0)!;
        Span<byte> key = stackalloc byte[PublicKey.Length];
        identity.PublicKey.Write(key);
        _mac1Key = MessageMacs.Mac1Key(key);

        var (toServer, toMachine) = (new Sink(), new Sink());
        machines.Initiate(server, toServer);
        Exchange(_server, toServer, MachineAt, toMachine);
        Exchange(machines, toMachine, ServerAt, toServer);
        Exchange(_server, toServer, MachineAt, toMachine);
        Said = [.. toServer.All, .. toMachine.All];
        if (_machine.Activity.LastHandshake is null)
        {
            throw new InvalidOperationException("the handshake didn't end well");
        }

        _index = BinaryPrimitives.ReadUInt32LittleEndian(Said.First(one => one[0] == 4).AsSpan(4));
    }

    /// <summary>Every datagram of the handshake.</summary>
    public IReadOnlyList<byte[]> Said { get; }

    /// <summary>The server takes a datagram as it is, and again with a right <c>mac1</c> and index, so that changes get further.</summary>
    public void Take(ReadOnlySpan<byte> datagram, in PeerEndpoint from)
    {
        Receive(datagram.ToArray(), from);
        var mended = datagram.ToArray();
        switch (Message.TypeOf(mended))
        {
            case MessageType.Initiation or MessageType.Response:
                MessageMacs.WriteMac1(_mac1Key, mended);
                break;
            case MessageType.CookieReply or MessageType.Transport:
                BinaryPrimitives.WriteUInt32LittleEndian(mended.AsSpan(4), _index);
                break;
            default:
                return;
        }

        Receive(mended, from);
    }

    private static void Exchange(WireGuardCore receiver, Sink sent, in PeerEndpoint from, Sink replies)
    {
        for (; sent.Read < sent.All.Count; sent.Read++)
        {
            receiver.Receive(sent.All[sent.Read].ToArray(), from, replies, replies);
        }
    }

    private static byte[] Key(byte value)
    {
        var key = new byte[32];
        Array.Fill(key, value);
        return key;
    }

    private static UInt128 Address(uint last)
    {
        Span<byte> bytes = stackalloc byte[16];
        TunnelAddresses.Server.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes) - 1 + last;
    }

    private void Receive(byte[] datagram, in PeerEndpoint from)
    {
        _server.Receive(datagram, from, _sink, _sink);
        Check.Same(0, _sink.All.Count);
        Check.Same(0, _sink.Packets);
        Check.Same(MachineAt, _machine.Endpoint);
    }

    private sealed class StillClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(56);

        public override long GetTimestamp() => 1_000_000_000_000;
    }

    private sealed class Sink : IDatagramOutput, IPacketOutput
    {
        private readonly byte[] _room = new byte[65_535];

        public List<byte[]> All { get; } = [];

        public int Read { get; set; }

        public int Packets { get; private set; }

        public Span<byte> Reserve(in PeerEndpoint to, int length) => _room.AsSpan(0, length);

        public void Commit(int length) => All.Add(_room[..length]);

        public void Write(Memory<byte> packet) => Packets++;

        public void Flush()
        {
        }
    }
}
