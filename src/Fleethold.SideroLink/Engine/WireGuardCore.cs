using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>
/// WireGuard without sockets, threads or timers of its own (reference/wireguard.md 1, 2, 4, 7). Thread-safe: everything may be called by several
/// workers at once, each with its own outputs. The core never flushes an output: whoever calls it does, at the end of a batch.
/// </summary>
public sealed class WireGuardCore : IDisposable
{
    /// <summary>Bytes before the plaintext in the room of <see cref="Seal"/>.</summary>
    public const int HeaderLength = 16;

    /// <summary>Bytes of a sealed packet beyond its padded plaintext: header and tag.</summary>
    public const int Overhead = 32;

    private readonly Lock _gate = new();
    private readonly Lock _randomGate = new();
    private readonly Random _random;
    private readonly HandshakeReceiver _receiver;
    private readonly long _start;
    private readonly long _ticksPerMillisecond;
    private Identity[] _identities = [];
    private int _number;

    /// <summary>Makes a core without identities.</summary>
    /// <param name="options">What it can be told.</param>
    /// <param name="clock">Its monotonic time drives the timers; its wall time makes handshake timestamps only.</param>
    public WireGuardCore(CoreOptions options, TimeProvider clock)
    {
        Options = options;
        Clock = clock;
        _start = clock.GetTimestamp();
        _ticksPerMillisecond = clock.TimestampFrequency / 1000;
        _random = options.Seed is { } seed ? new Random(seed) : new Random();
        Indices = new IndexTable(options.Seed is { } also ? new Random(also) : new Random());
        Wheel = new TimerWheel(Now);
        Handshakes = options.HandshakeQueueCapacity > 0 ? new HandshakeQueue(options.HandshakeQueueCapacity, Counters) : null;
        _receiver = new HandshakeReceiver(this);
    }

    /// <summary>What it was told.</summary>
    public CoreOptions Options { get; }

    /// <summary>What it has done.</summary>
    public CoreCounters Counters { get; } = new();

    /// <summary>Handshake messages that wait, when <see cref="CoreOptions.HandshakeQueueCapacity"/> isn't 0; see <see cref="ServeHandshakes"/>.</summary>
    public HandshakeQueue? Handshakes { get; }

    /// <summary>In how long <see cref="Tick"/> has something to do: zero when it is due, null when nothing waits.</summary>
    public TimeSpan? NextDeadline => Wheel.UntilNext(Now) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    internal TimeProvider Clock { get; }

    /// <summary>Monotonic milliseconds; they begin above zero, which stands for "off".</summary>
    internal long Now => 1_000_000 + ((Clock.GetTimestamp() - _start) / _ticksPerMillisecond);

    internal IndexTable Indices { get; }

    internal RouteTable Routes { get; } = new();

    internal KnownSources Sources { get; } = new();

    internal TimerWheel Wheel { get; }

    internal ReadOnlySpan<Identity> Identities => Volatile.Read(ref _identities);

    /// <summary>Adds an identity; thousands may share one core.</summary>
    /// <param name="privateKey">32 bytes; copied.</param>
    /// <param name="address">Its own address inside the tunnel, host order; unique in the core.</param>
    /// <param name="filter">Which opened packets it lets in.</param>
    /// <exception cref="ArgumentException">The key hasn't 32 bytes, or key or address is that of another identity.</exception>
    public Identity AddIdentity(ReadOnlySpan<byte> privateKey, UInt128 address, InputFilter filter)
    {
        var key = X25519Key.Import(privateKey);
        lock (_gate)
        {
            var identity = new Identity(this, _number, key, address, filter);
            if (Array.Exists(_identities, other => other.PublicKey == key.PublicKey) || !Routes.TryAdd(identity))
            {
                key.Dispose();
                throw new ArgumentException("another identity of this core has the same key or the same address; each needs its own");
            }

            _number++;
            Volatile.Write(ref _identities, [.. _identities, identity]);
            return identity;
        }
    }

    /// <summary>Removes an identity with all its peers and wipes its key.</summary>
    public void RemoveIdentity(Identity identity)
    {
        lock (_gate)
        {
            Volatile.Write(ref _identities, Array.FindAll(_identities, other => other != identity));
            Routes.Remove(identity);
        }

        identity.Close();
    }

    /// <summary>The bytes that <see cref="Seal"/> needs in all for a plaintext of this length.</summary>
    public int SealedLength(int length) => Padding.PaddedLength(length, Options.Mtu) + Overhead;

    /// <summary>
    /// The peer a packet goes to: its inner source names the identity, its inner destination the identity's peer. Null when there is none, or it
    /// isn't IPv6.
    /// </summary>
    public Peer? Route(ReadOnlySpan<byte> packet) => Routes.Find(packet);

    /// <summary>Seals a packet in place: writes the header, pads with zeros and encrypts. An empty packet is a keepalive.</summary>
    /// <param name="peer">Whose session is used.</param>
    /// <param name="room">The packet is at <see cref="HeaderLength"/>; in all <see cref="SealedLength"/> bytes.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <returns>The length of the datagram, or 0 when there is no usable session: call <see cref="Stage"/>.</returns>
    /// <exception cref="ArgumentException">The room is too short.</exception>
    public int Seal(Peer peer, Span<byte> room, int length)
    {
        var total = SealedLength(length);
        if (room.Length < total)
        {
            throw new ArgumentException($"sealing {length} bytes takes room for {total}, not {room.Length}", nameof(room));
        }

        var now = Now;
        if (peer.Sessions.Current is not { } session || !session.CanSend(now))
        {
            return 0;
        }

        room[(HeaderLength + length)..(total - Message.TagLength)].Clear();
        if (!session.TrySeal(room[..total]))
        {
            return 0;
        }

        peer.AddSent(total);
        peer.Timers.Sent(now, data: length > 0);
        if (session.WantsRenewal(now))
        {
            peer.Timers.AskInitiation(now);
        }

        return total;
    }

    /// <summary>
    /// After <see cref="Seal"/> returned 0: keeps a copy of the packet (the newest, <see cref="CoreOptions.StagedPackets"/> of them) and starts a
    /// handshake. What is kept leaves as soon as there is a session, by the output of whoever brings that about; if there is one by now, at once.
    /// </summary>
    public void Stage(Peer peer, ReadOnlySpan<byte> packet, IDatagramOutput output) =>
        peer.Sessions.Stage(packet, Now, output);

    /// <summary>
    /// Takes one datagram from outside. A transport message is opened in place. A handshake message is copied into <see cref="Handshakes"/>, or,
    /// without a queue, answered here.
    /// </summary>
    /// <param name="datagram">The message; its bytes change.</param>
    /// <param name="from">Where it came from.</param>
    /// <param name="replies">Where answers and packets that waited for the session go.</param>
    /// <param name="packets">Where an opened packet goes; it refers to the datagram's memory.</param>
    public void Receive(Memory<byte> datagram, in PeerEndpoint from, IDatagramOutput replies, IPacketOutput packets)
    {
        switch (Message.TypeOf(datagram.Span))
        {
            case MessageType.Transport:
                ReceiveTransport(datagram, from, replies, packets);
                break;
            case MessageType.None:
                Counters.Drop(DropReason.Malformed);
                break;
            default:
                if (Handshakes is { } queue)
                {
                    queue.Add(datagram.Span, from, Sources.Count(from) > 0, Now);
                }
                else
                {
                    _receiver.Handle(datagram.Span, from, Now, replies);
                }

                break;
        }
    }

    /// <summary>Handles one handshake message now, whatever the queue holds.</summary>
    public void ReceiveHandshake(ReadOnlySpan<byte> datagram, in PeerEndpoint from, IDatagramOutput replies) =>
        _receiver.Handle(datagram, from, Now, replies);

    /// <summary>Handles up to this many messages of <see cref="Handshakes"/>; returns how many were taken out. Doesn't wait.</summary>
    public int ServeHandshakes(int most, IDatagramOutput replies)
    {
        var served = 0;
        Span<byte> message = stackalloc byte[InitiationMessage.Length];
        while (served < most && Handshakes is { } queue && queue.TryTake(message, out var length, out var from, Now))
        {
            var start = Clock.GetTimestamp();
            _receiver.Handle(message[..length], from, Now, replies);
            _receiver.Took(Clock.GetElapsedTime(start));
            served++;
        }

        return served;
    }

    /// <summary>Starts a handshake with a peer whose endpoint is known, unless one is under way or was within 5 s.</summary>
    public void Initiate(Peer peer, IDatagramOutput output)
    {
        if (peer.Endpoint.Kind != EndpointKind.None)
        {
            peer.Sessions.Initiate(Now, output, retry: false);
        }
    }

    /// <summary>Does what is due by now: retries, rekeys, keepalives, wiping. Call it every 100 to 250 ms, or when <see cref="NextDeadline"/> is due.</summary>
    public void Tick(IDatagramOutput output)
    {
        // No more turns than peers wait now: whoever keeps asking for a turn at once has to wait for the next tick.
        for (var left = Wheel.Count; left > 0 && Wheel.Take(Now) is { } peer; left--)
        {
            peer.Timers.Fire(Now, output);
        }
    }

    /// <summary>Removes all identities and wipes their keys.</summary>
    public void Dispose()
    {
        foreach (var identity in Identities)
        {
            RemoveIdentity(identity);
        }
    }

    /// <summary>A random time below this, in milliseconds.</summary>
    internal long Jitter(int below)
    {
        lock (_randomGate)
        {
            return _random.Next(below);
        }
    }

    /// <summary>A random part of <see cref="CoreOptions.InitiationSpread"/>, in milliseconds.</summary>
    internal long Spread() => Jitter((int)Options.InitiationSpread.TotalMilliseconds + 1);

    private void ReceiveTransport(Memory<byte> datagram, in PeerEndpoint from, IDatagramOutput replies, IPacketOutput packets)
    {
        var bytes = datagram.Span;
        var message = new TransportMessage(bytes);
        if (Indices.Find(message.Receiver) is not Session session)
        {
            Counters.Drop(DropReason.UnknownIndex);
            return;
        }

        var now = Now;
        if (now - session.Created >= Session.RejectAfter)
        {
            Counters.Drop(DropReason.ExpiredSession);
            return;
        }

        if (!session.TryOpen(bytes))
        {
            Counters.Drop(DropReason.NotAuthentic);
            return;
        }

        // Only now: a forged counter must not move the window.
        if (!session.TryAccept(message.Counter, out var newest))
        {
            Counters.Drop(DropReason.Replayed);
            return;
        }

        var peer = session.Peer;
        var padded = bytes.Length - Overhead;
        peer.AddReceived(bytes.Length);
        if (peer.Sessions.Next == session)
        {
            peer.HeardFrom(from);
            peer.Sessions.Confirm(session, now, replies);
        }
        else if (newest)
        {
            peer.HeardFrom(from);
        }

        peer.Timers.Received(now, data: padded > 0);
        if (peer.Sessions.Current is { } current && current.AsksRenewalOnReceive(now))
        {
            peer.Sessions.Initiate(now, replies, retry: false);
        }

        if (padded == 0)
        {
            return;
        }

        var refusal = InnerPacket.Check(bytes.Slice(HeaderLength, padded), peer, out var length);
        if (refusal is { } reason)
        {
            Counters.Drop(reason);
            return;
        }

        packets.Write(datagram.Slice(HeaderLength, length));
    }
}
