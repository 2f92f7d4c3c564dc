using System.Security.Cryptography;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>
/// The sessions of one peer, the handshakes that make them, and what waits for one (reference/wireguard.md 1.3, 1.8). Everything that changes is
/// under <see cref="Gate"/>; the data path only reads <see cref="Current"/>.
/// </summary>
internal sealed class PeerSessions(Peer peer, WireGuardCore core)
{
    private const long Flood = 20;

    private readonly Queue<byte[]> _staged = new(0);
    private Session? _current;
    private Session? _previous;
    private Session? _next;
    private PendingHandshake? _pending;
    private Key32 _presharedKey;
    private Key32 _staticShared;
    private bool _hasStaticShared;
    private Tai64n _greatest;
    private Tai64n _lastStamp;
    private long _lastAccepted = long.MinValue / 2;
    private long _lastSent = long.MinValue / 2;
    private Key32 _lastMac1AndCookie;
    private long _cookieAt = long.MinValue / 2;

    /// <summary>Guards all of it.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The session to send with, if it is young enough.</summary>
    public Session? Current => Volatile.Read(ref _current);

    /// <summary>The session before, for packets that come late.</summary>
    public Session? Previous => Volatile.Read(ref _previous);

    /// <summary>A session of which it isn't known yet that the other end has it; never sent with.</summary>
    public Session? Next => Volatile.Read(ref _next);

    /// <summary>No handshake message was sent yet.</summary>
    public bool NeverTried => Volatile.Read(ref _lastSent) < 0;

    private Span<byte> LastMac1 => ((Span<byte>)_lastMac1AndCookie)[..Message.MacLength];

    private Span<byte> Cookie => ((Span<byte>)_lastMac1AndCookie)[Message.MacLength..];

    /// <summary>Takes effect with the next handshake.</summary>
    public void SetPresharedKey(ReadOnlySpan<byte> key)
    {
        CryptographicOperations.ZeroMemory(_presharedKey);
        key.CopyTo(_presharedKey);
    }

    /// <summary>Sends an initiation, unless the endpoint is unknown or a message of a handshake was sent within 5 s.</summary>
    public void Initiate(long now, IDatagramOutput output, bool retry)
    {
        lock (Gate)
        {
            var to = peer.Endpoint;
            if (peer.Removed)
            {
                return;
            }

            if (!retry)
            {
                peer.Timers.Demanded();
            }

            if (now - _lastSent < PeerTimers.RetryAfter)
            {
                peer.Timers.Postponed(_lastSent);
                return;
            }

            if (to.Kind == EndpointKind.None)
            {
                // Nobody can be asked; packets that wait are given up with the attempts.
                peer.Timers.Initiated(now);
                return;
            }

            var bytes = output.Reserve(to, InitiationMessage.Length)[..InitiationMessage.Length];
            if (TryWriteInitiation(bytes))
            {
                _lastSent = now;
                Finish(bytes, now);
                output.Commit(bytes.Length);
                core.Counters.InitiationSent();
                peer.Timers.Initiated(now);
            }
        }
    }

    /// <summary>Takes an initiation whose static key was read, and answers it.</summary>
    public void Accept(ref NoiseState state, InitiationMessage message, in PeerEndpoint from, long now, IDatagramOutput output)
    {
        lock (Gate)
        {
            if (peer.Removed || !TryStaticShared())
            {
                core.Counters.Drop(DropReason.UnknownPeer);
                return;
            }

            if (!NoiseHandshake.TryReadTimestamp(ref state, message, _staticShared, out var time))
            {
                core.Counters.Drop(DropReason.BadHandshake);
                return;
            }

            if (Refusal(time, now) is { } reason)
            {
                core.Counters.Drop(reason);
                return;
            }

            _greatest = time;
            _lastAccepted = now;
            DropPending();
            peer.AddReceived(InitiationMessage.Length);
            peer.HeardFrom(from);
            peer.Timers.Received(now, data: false);
            Respond(ref state, message, now, output);
        }
    }

    /// <summary>Takes the response to an initiation.</summary>
    public void Complete(PendingHandshake pending, ResponseMessage message, in PeerEndpoint from, long now, IDatagramOutput output)
    {
        lock (Gate)
        {
            if (peer.Removed || _pending != pending)
            {
                core.Counters.Drop(DropReason.UnknownIndex);
                return;
            }

            var state = pending.State;
            if (!NoiseHandshake.TryReadResponse(ref state, message, pending.Ephemeral, peer.Identity.PrivateKey, _presharedKey))
            {
                core.Counters.Drop(DropReason.BadHandshake);
                return;
            }

            state.Split(out var send, out var receive);
            state.Clear();
            var session = new Session(peer, message.Sender, initiator: true, send, receive, now);
            CryptographicOperations.ZeroMemory(send);
            CryptographicOperations.ZeroMemory(receive);
            core.Indices.Replace(pending, session);
            pending.Wipe();
            _pending = null;
            End(ref _previous);
            if (_next is not null)
            {
                Volatile.Write(ref _previous, _next);
                Volatile.Write(ref _next, null);
                End(ref _current);
            }
            else
            {
                Volatile.Write(ref _previous, _current);
            }

            Volatile.Write(ref _current, session);
            peer.AddReceived(ResponseMessage.Length);
            peer.HeardFrom(from);
            peer.Timers.Received(now, data: false);
            peer.Timers.SessionDerived(now);
            Completed();
            if (!SendStaged(now, output))
            {
                // The other end may send with the new keys only after it has got something under them.
                SendKeepalive(now, output);
            }
        }
    }

    /// <summary>A packet has come under the session that wasn't confirmed; it is now.</summary>
    public void Confirm(Session session, long now, IDatagramOutput output)
    {
        lock (Gate)
        {
            if (_next != session)
            {
                return;
            }

            End(ref _previous);
            Volatile.Write(ref _previous, _current);
            Volatile.Write(ref _current, session);
            Volatile.Write(ref _next, null);
            Completed();
            SendStaged(now, output);
        }
    }

    /// <summary>Takes a cookie for the last handshake message sent.</summary>
    public void TakeCookie(CookieReplyMessage message, long now)
    {
        lock (Gate)
        {
            Span<byte> key = stackalloc byte[PublicKey.Length];
            peer.Key.Write(key);
            var cookieKey = MessageMacs.CookieKey(key);
            if (!MessageMacs.TryReadCookie(message, cookieKey, LastMac1, Cookie))
            {
                core.Counters.Drop(DropReason.NotAuthentic);
                return;
            }

            _cookieAt = now;
        }
    }

    /// <summary>Sends a packet if there is a session after all; else keeps a copy and asks for one.</summary>
    public void Stage(ReadOnlySpan<byte> packet, long now, IDatagramOutput output)
    {
        lock (Gate)
        {
            if (peer.Removed || TrySend(packet, output))
            {
                return;
            }

            while (_staged.Count > 0 && _staged.Count >= core.Options.StagedPackets)
            {
                _staged.Dequeue();
                core.Counters.Drop(DropReason.StagedDropped);
            }

            _staged.Enqueue(packet.ToArray());
            Initiate(now, output, retry: false);
        }
    }

    /// <summary>Sends an empty packet, or asks for a session when there is none.</summary>
    public void SendKeepalive(long now, IDatagramOutput output)
    {
        if (TrySend([], output))
        {
            core.Counters.KeepaliveSent();
        }
        else if (!peer.Removed)
        {
            Initiate(now, output, retry: false);
        }
    }

    /// <summary>The handshake has failed; what waits for it is dropped.</summary>
    public void GiveUp()
    {
        lock (Gate)
        {
            DropStaged();
        }
    }

    /// <summary>All keys are too old to be of use.</summary>
    public void Expire()
    {
        lock (Gate)
        {
            DropStaged();
            DropPending();
            End(ref _previous);
            End(ref _current);
            End(ref _next);
        }
    }

    /// <summary>The peer is removed: nothing secret stays.</summary>
    public void Close()
    {
        Expire();
        CryptographicOperations.ZeroMemory(_presharedKey);
        CryptographicOperations.ZeroMemory(_staticShared);
        CryptographicOperations.ZeroMemory(_lastMac1AndCookie);
    }

    private bool TryWriteInitiation(Span<byte> bytes)
    {
        Span<byte> responder = stackalloc byte[PublicKey.Length];
        peer.Key.Write(responder);
        DropPending();
        var now = Tai64n.FromTime(core.Clock.GetUtcNow());
        var stamp = now.CompareTo(_lastStamp) > 0 ? now : _lastStamp.Next();
        var pending = new PendingHandshake(peer, X25519Key.Generate()) { State = NoiseState.StartFor(responder) };
        var message = new InitiationMessage(bytes);
        bytes.Clear();
        if (!TryStaticShared()
            || !NoiseHandshake.TryWriteInitiation(ref pending.State, message, pending.Ephemeral, peer.Identity.PublicKey, responder, _staticShared, stamp))
        {
            pending.Wipe();
            return false;
        }

        if (!core.Indices.TryAdd(pending))
        {
            core.Counters.Drop(DropReason.NoIndex);
            pending.Wipe();
            return false;
        }

        _lastStamp = stamp;
        _pending = pending;
        message.WriteHeader(pending.Index);
        return true;
    }

    private DropReason? Refusal(Tai64n time, long now)
    {
        switch (time.CompareTo(_greatest))
        {
            case 0:
                return DropReason.ReplayedInitiation;
            case < 0:
                peer.AddOldInitiation();
                return DropReason.OldInitiation;
            default:
                return now - _lastAccepted < Flood ? DropReason.InitiationFlood : null;
        }
    }

    private void Respond(ref NoiseState state, InitiationMessage message, long now, IDatagramOutput output)
    {
        Span<byte> initiator = stackalloc byte[PublicKey.Length];
        peer.Key.Write(initiator);
        var bytes = output.Reserve(peer.Endpoint, ResponseMessage.Length)[..ResponseMessage.Length];
        bytes.Clear();
        var response = new ResponseMessage(bytes);
        using var ephemeral = X25519Key.Generate();
        if (!NoiseHandshake.TryWriteResponse(ref state, response, ephemeral, message.Ephemeral, initiator, _presharedKey))
        {
            core.Counters.Drop(DropReason.BadHandshake);
            return;
        }

        state.Split(out var receive, out var send);
        state.Clear();
        var session = new Session(peer, message.Sender, initiator: false, send, receive, now);
        CryptographicOperations.ZeroMemory(send);
        CryptographicOperations.ZeroMemory(receive);
        End(ref _next);
        End(ref _previous);
        if (!core.Indices.TryAdd(session))
        {
            core.Counters.Drop(DropReason.NoIndex);
            session.Wipe();
            return;
        }

        Volatile.Write(ref _next, session);
        _lastSent = now;
        response.WriteHeader(session.Index, message.Sender);
        Finish(bytes, now);
        output.Commit(bytes.Length);
        core.Counters.ResponseSent();
        peer.Timers.SessionDerived(now);
    }

    /// <summary>The codes at the end of a handshake message, and what follows from sending it.</summary>
    private void Finish(Span<byte> bytes, long now)
    {
        Span<byte> receiver = stackalloc byte[PublicKey.Length];
        peer.Key.Write(receiver);
        var mac1Key = MessageMacs.Mac1Key(receiver);
        MessageMacs.WriteMac1(mac1Key, bytes);
        Message.Mac1(bytes).CopyTo(LastMac1);
        if (now - _cookieAt < CookieSecret.Life)
        {
            MessageMacs.WriteMac2(Cookie, bytes);
        }

        peer.AddSent(bytes.Length);
        peer.Timers.Sent(now, data: false);
    }

    private void Completed()
    {
        peer.Timers.HandshakeComplete();
        peer.StampHandshake(core.Clock.GetUtcNow());
        core.Counters.HandshakeComplete();
    }

    private bool SendStaged(long now, IDatagramOutput output)
    {
        var any = false;
        while (_staged.TryPeek(out var packet) && TrySend(packet, output))
        {
            _staged.Dequeue();
            any = true;
        }

        return any;
    }

    private bool TrySend(ReadOnlySpan<byte> packet, IDatagramOutput output)
    {
        var room = output.Reserve(peer.Endpoint, core.SealedLength(packet.Length));
        packet.CopyTo(room[WireGuardCore.HeaderLength..]);
        var length = core.Seal(peer, room, packet.Length);
        if (length == 0)
        {
            return false;
        }

        output.Commit(length);
        return true;
    }

    // Once per peer and not when it is added: 20,000 at once would take a second.
    private bool TryStaticShared()
    {
        if (!_hasStaticShared)
        {
            Span<byte> key = stackalloc byte[PublicKey.Length];
            peer.Key.Write(key);
            _hasStaticShared = peer.Identity.PrivateKey.TryAgree(key, _staticShared);
        }

        return _hasStaticShared;
    }

    private void DropPending()
    {
        if (_pending is { } pending)
        {
            core.Indices.Remove(pending);
            pending.Wipe();
            _pending = null;
        }
    }

    private void DropStaged()
    {
        for (; _staged.Count > 0; _staged.Dequeue())
        {
            core.Counters.Drop(DropReason.StagedDropped);
        }
    }

    private void End(ref Session? slot)
    {
        if (slot is { } session)
        {
            Volatile.Write(ref slot, null);
            core.Indices.Remove(session);
            session.Wipe();
        }
    }
}
