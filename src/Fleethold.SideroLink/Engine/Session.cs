using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Fleethold.SideroLink.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>A pair of transport keys. Sealing takes no lock; opening takes one for the replay window only. Its life is in reference/wireguard.md 1.8.</summary>
internal sealed class Session : Indexed
{
    /// <summary>It neither sends nor receives from this age on, in milliseconds.</summary>
    public const long RejectAfter = 180_000;

    /// <summary>The initiator renews it at this age when it sends.</summary>
    public const long RekeyAfter = 120_000;

    /// <summary>The initiator renews it at this age when it receives: 180 - 10 - 5 s.</summary>
    public const long RekeyOnReceiveAfter = 165_000;

    /// <summary>The initiator renews it after so many packets.</summary>
    public const ulong RekeyAfterMessages = 1UL << 60;

    private readonly Lock _gate = new();
    private readonly ReplayWindow _window = new();
    private Key32 _send;
    private Key32 _receive;
    private ulong _counter = ulong.MaxValue;
    private int _renewalAsked;
    private bool _wiped;

    public Session(Peer peer, uint remoteIndex, bool initiator, in Key32 send, in Key32 receive, long now)
        : base(peer)
    {
        RemoteIndex = remoteIndex;
        Initiator = initiator;
        Created = now;
        _send = send;
        _receive = receive;
    }

    /// <summary>The index under which the other end receives.</summary>
    public uint RemoteIndex { get; }

    /// <summary>This end began the handshake, so renewing is its job.</summary>
    public bool Initiator { get; }

    /// <summary>When it was derived, in the core's milliseconds.</summary>
    public long Created { get; }

    /// <summary>Packets sealed so far; settable for tests.</summary>
    public ulong Sent
    {
        get => Volatile.Read(ref _counter) + 1;
        set => Volatile.Write(ref _counter, value - 1);
    }

    /// <summary>It may still seal at this time.</summary>
    public bool CanSend(long now) => now - Created < RejectAfter && Sent < ReplayWindow.Limit && !Volatile.Read(ref _wiped);

    /// <summary>It is old or used enough that its initiator renews it.</summary>
    public bool WantsRenewal(long now) => (Initiator && now - Created > RekeyAfter) || Sent > RekeyAfterMessages;

    /// <summary>Once, when its initiator receives on it late in its life.</summary>
    public bool AsksRenewalOnReceive(long now) =>
        Initiator && now - Created > RekeyOnReceiveAfter && Volatile.Read(ref _renewalAsked) == 0 && Interlocked.Exchange(ref _renewalAsked, 1) == 0;

    /// <summary>Seals in place a datagram whose padded packet is at 16; false when the session has ended meanwhile.</summary>
    [SkipLocalsInit]
    public bool TrySeal(Span<byte> datagram)
    {
        var counter = Interlocked.Increment(ref _counter);
        if (counter >= ReplayWindow.Limit || !TryCopyKey(ref _send, out var key))
        {
            return false;
        }

        var message = new TransportMessage(datagram);
        message.WriteHeader(RemoteIndex, counter);
        Aead.Seal(key, counter, default, message.Sealed);
        CryptographicOperations.ZeroMemory(key);
        return true;
    }

    /// <summary>Opens in place. The counter isn't looked at: see <see cref="TryAccept"/>, which comes after.</summary>
    [SkipLocalsInit]
    public bool TryOpen(Span<byte> datagram)
    {
        var message = new TransportMessage(datagram);
        if (!TryCopyKey(ref _receive, out var key))
        {
            return false;
        }

        var good = Aead.TryOpen(key, message.Counter, default, message.Sealed);
        CryptographicOperations.ZeroMemory(key);
        return good;
    }

    /// <summary>Whether the counter of an authentic packet is new.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="newest">It is greater than all before.</param>
    public bool TryAccept(ulong counter, out bool newest)
    {
        lock (_gate)
        {
            newest = counter >= _window.Last;
            return _window.TryAccept(counter);
        }
    }

    /// <summary>Wipes the keys; who seals or opens at this moment finishes with its copy.</summary>
    public void Wipe()
    {
        Volatile.Write(ref _wiped, true);
        Interlocked.MemoryBarrier();
        CryptographicOperations.ZeroMemory(_send);
        CryptographicOperations.ZeroMemory(_receive);
    }

    // A copy is good only if the keys weren't being wiped while it was made: the flag is set before, and read after.
    private bool TryCopyKey(ref Key32 source, out Key32 key)
    {
        key = source;
        Volatile.ReadBarrier();
        return !_wiped;
    }
}
