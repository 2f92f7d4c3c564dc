namespace Fleethold.SideroLink.Engine;

/// <summary>
/// WireGuard without sockets, threads or timers of its own (reference/wireguard.md 1, 2, 4, 7). Thread-safe: everything may be called by several
/// workers at once, each with its own outputs. The core never flushes an output: whoever calls it does, at the end of a batch.
/// </summary>
/// <param name="options">What it can be told.</param>
/// <param name="clock">Its monotonic time drives the timers; its wall time makes handshake timestamps only.</param>
public sealed class WireGuardCore(CoreOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>Bytes before the plaintext in the room of <see cref="Seal"/>.</summary>
    public const int HeaderLength = 16;

    /// <summary>Bytes of a sealed packet beyond its padded plaintext: header and tag.</summary>
    public const int Overhead = 32;

    /// <summary>What it was told.</summary>
    public CoreOptions Options { get; } = options;

    /// <summary>What it has done.</summary>
    public CoreCounters Counters { get; } = new();

    /// <summary>Handshake messages that wait, when <see cref="CoreOptions.HandshakeQueueCapacity"/> isn't 0; see <see cref="ServeHandshakes"/>.</summary>
    public HandshakeQueue Handshakes => throw new NotImplementedException();

    /// <summary>In how long <see cref="Tick"/> has something to do: zero when it is due, null when nothing waits.</summary>
    public TimeSpan? NextDeadline => throw new NotImplementedException(clock.ToString());

    /// <summary>Adds an identity; thousands may share one core.</summary>
    /// <param name="privateKey">32 bytes; copied.</param>
    /// <param name="address">Its own address inside the tunnel, host order; unique in the core.</param>
    /// <param name="filter">Which opened packets it lets in.</param>
    /// <exception cref="ArgumentException">The key hasn't 32 bytes, or key or address is that of another identity.</exception>
    public Identity AddIdentity(ReadOnlySpan<byte> privateKey, UInt128 address, InputFilter filter) => throw new NotImplementedException();

    /// <summary>Removes an identity with all its peers and wipes its key.</summary>
    public void RemoveIdentity(Identity identity) => throw new NotImplementedException();

    /// <summary>The bytes that <see cref="Seal"/> needs in all for a plaintext of this length.</summary>
    public int SealedLength(int length) => throw new NotImplementedException();

    /// <summary>
    /// The peer a packet goes to: its inner source names the identity, its inner destination the identity's peer. Null when there is none, or it
    /// isn't IPv6.
    /// </summary>
    public Peer? Route(ReadOnlySpan<byte> packet) => throw new NotImplementedException();

    /// <summary>Seals a packet in place: writes the header, pads with zeros and encrypts. An empty packet is a keepalive.</summary>
    /// <param name="peer">Whose session is used.</param>
    /// <param name="room">The packet is at <see cref="HeaderLength"/>; in all <see cref="SealedLength"/> bytes.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <returns>The length of the datagram, or 0 when there is no usable session: call <see cref="Stage"/>.</returns>
    /// <exception cref="ArgumentException">The room is too short.</exception>
    public int Seal(Peer peer, Span<byte> room, int length) => throw new NotImplementedException();

    /// <summary>
    /// After <see cref="Seal"/> returned 0: keeps a copy of the packet (the newest, <see cref="CoreOptions.StagedPackets"/> of them) and starts a
    /// handshake. What is kept leaves as soon as there is a session, by the output of whoever brings that about; if there is one by now, at once.
    /// </summary>
    public void Stage(Peer peer, ReadOnlySpan<byte> packet, IDatagramOutput output) => throw new NotImplementedException();

    /// <summary>
    /// Takes one datagram from outside. A transport message is opened in place. A handshake message is copied into <see cref="Handshakes"/>, or,
    /// without a queue, answered here.
    /// </summary>
    /// <param name="datagram">The message; its bytes change.</param>
    /// <param name="from">Where it came from.</param>
    /// <param name="replies">Where answers and packets that waited for the session go.</param>
    /// <param name="packets">Where an opened packet goes; it refers to the datagram's memory.</param>
    public void Receive(Memory<byte> datagram, in PeerEndpoint from, IDatagramOutput replies, IPacketOutput packets) =>
        throw new NotImplementedException();

    /// <summary>Handles one handshake message now, whatever the queue holds.</summary>
    public void ReceiveHandshake(ReadOnlySpan<byte> datagram, in PeerEndpoint from, IDatagramOutput replies) => throw new NotImplementedException();

    /// <summary>Handles up to this many messages of <see cref="Handshakes"/>; returns how many were taken out. Doesn't wait.</summary>
    public int ServeHandshakes(int most, IDatagramOutput replies) => throw new NotImplementedException();

    /// <summary>Starts a handshake with a peer whose endpoint is known, unless one is under way or was within 5 s.</summary>
    public void Initiate(Peer peer, IDatagramOutput output) => throw new NotImplementedException();

    /// <summary>Does what is due by now: retries, rekeys, keepalives, wiping. Call it every 100 to 250 ms, or when <see cref="NextDeadline"/> is due.</summary>
    public void Tick(IDatagramOutput output) => throw new NotImplementedException();

    /// <summary>Removes all identities and wipes their keys.</summary>
    public void Dispose() => throw new NotImplementedException();
}
