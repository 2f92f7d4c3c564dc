using System.Security.Cryptography;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>Takes handshake messages: finds whom they are for, and keeps strangers at bay under load (reference/wireguard.md 1.5, 1.6 and 4). Thread-safe.</summary>
internal sealed class HandshakeReceiver(WireGuardCore core)
{
    private const long LoadLasts = 1_000;
    private const double GuessedCost = 0.2;

    private readonly CookieSecret _cookies = new();
    private readonly AddressLimiter _limiter = new(core.Options.LimiterCapacity);
    private long _loadedUntil = long.MinValue;
    private double _cost = GuessedCost;

    /// <summary>More work waits than the budget allows, or did within the last second.</summary>
    public bool UnderLoad(long now)
    {
        var waiting = (core.Handshakes?.Count ?? 0) * Volatile.Read(ref _cost);
        var budget = core.Options.HandshakeBudget.TotalMilliseconds;
        if (waiting > budget || budget == 0)
        {
            Volatile.Write(ref _loadedUntil, now + LoadLasts);
            return true;
        }

        return now < Volatile.Read(ref _loadedUntil);
    }

    /// <summary>What one message has taken, for the estimate of what waits.</summary>
    public void Took(TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            var cost = Volatile.Read(ref _cost);
            Volatile.Write(ref _cost, cost + ((time.TotalMilliseconds - cost) / 64));
        }
    }

    /// <summary>Handles one message; anything that isn't one of the first three types is dropped.</summary>
    public void Handle(ReadOnlySpan<byte> datagram, in PeerEndpoint from, long now, IDatagramOutput output)
    {
        var type = Message.TypeOf(datagram);
        if (type is MessageType.None or MessageType.Transport)
        {
            core.Counters.Drop(DropReason.Malformed);
            return;
        }

        Span<byte> bytes = stackalloc byte[InitiationMessage.Length];
        bytes = bytes[..datagram.Length];
        datagram.CopyTo(bytes);
        switch (type)
        {
            case MessageType.Initiation:
                Initiation(bytes, from, now, output);
                break;
            case MessageType.Response:
                Response(bytes, from, now, output);
                break;
            default:
                var reply = new CookieReplyMessage(bytes);
                if (core.Indices.Find(reply.Receiver) is { } entry)
                {
                    entry.Peer.Sessions.TakeCookie(reply, now);
                }
                else
                {
                    core.Counters.Drop(DropReason.UnknownIndex);
                }

                break;
        }
    }

    private void Initiation(Span<byte> bytes, in PeerEndpoint from, long now, IDatagramOutput output)
    {
        // It doesn't say whom it is for: of many identities (in the simulator) the first code tells.
        Identity? identity = null;
        foreach (var candidate in core.Identities)
        {
            if (MessageMacs.Mac1Fits(candidate.Mac1Key, bytes))
            {
                identity = candidate;
                break;
            }
        }

        if (identity is null)
        {
            core.Counters.Drop(DropReason.WrongMac1);
            return;
        }

        var message = new InitiationMessage(bytes);
        if (!Admit(identity, bytes, message.Sender, from, now, output))
        {
            return;
        }

        var state = identity.Start;
        if (NoiseHandshake.TryReadInitiator(ref state, message, identity.PrivateKey, out var key) && identity.Find(key) is { } peer)
        {
            peer.Sessions.Accept(ref state, message, from, now, output);
        }
        else
        {
            core.Counters.Drop(DropReason.UnknownPeer);
        }

        state.Clear();
    }

    private void Response(Span<byte> bytes, in PeerEndpoint from, long now, IDatagramOutput output)
    {
        var message = new ResponseMessage(bytes);
        if (core.Indices.Find(message.Receiver) is not PendingHandshake pending)
        {
            core.Counters.Drop(DropReason.UnknownIndex);
            return;
        }

        var identity = pending.Peer.Identity;
        if (!MessageMacs.Mac1Fits(identity.Mac1Key, bytes))
        {
            core.Counters.Drop(DropReason.WrongMac1);
            return;
        }

        if (Admit(identity, bytes, message.Sender, from, now, output))
        {
            pending.Peer.Sessions.Complete(pending, message, from, now, output);
        }
    }

    private bool Admit(Identity identity, Span<byte> bytes, uint sender, in PeerEndpoint from, long now, IDatagramOutput output)
    {
        if (!UnderLoad(now))
        {
            return true;
        }

        // The address of a gRPC tunnel is the server's own, so there is nothing to prove.
        Span<byte> cookie = stackalloc byte[Message.MacLength];
        if (from.Kind != EndpointKind.Tunnel)
        {
            _cookies.Write(from, now, cookie);
            if (!MessageMacs.Mac2Fits(cookie, bytes))
            {
                Span<byte> nonce = stackalloc byte[XAead.NonceLength];
                RandomNumberGenerator.Fill(nonce);
                var reply = output.Reserve(from, CookieReplyMessage.Length)[..CookieReplyMessage.Length];
                MessageMacs.WriteCookieReply(new CookieReplyMessage(reply), sender, nonce, identity.CookieKey, cookie, Message.Mac1(bytes));
                output.Commit(reply.Length);
                core.Counters.CookieSent();
                core.Counters.Drop(DropReason.CookieNeeded);
                return false;
            }
        }

        if (!_limiter.TryTake(AddressLimiter.SourceOf(from), core.Sources.Count(from), now))
        {
            core.Counters.Drop(DropReason.RateLimited);
            return false;
        }

        return true;
    }
}
