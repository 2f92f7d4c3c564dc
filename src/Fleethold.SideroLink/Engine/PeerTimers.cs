namespace Fleethold.SideroLink.Engine;

/// <summary>
/// The timers of one peer (reference/wireguard.md 1.9): plain deadlines in the core's milliseconds, 0 when off, which the data path writes without a
/// lock. The wheel calls <see cref="Fire"/> when the earliest may be due.
/// </summary>
internal sealed class PeerTimers(Peer peer, WireGuardCore core)
{
    /// <summary>The wait for a response, and the least time between two handshake messages to a peer.</summary>
    public const long RetryAfter = 5_000;

    private const int Attempts = 18;
    private const int Jitter = 334;
    private const long PassiveAfter = 10_000;
    private const long NewHandshakeAfter = 15_000;
    private const long WipeAfter = 540_000;

    private long _retry;
    private long _newHandshake;
    private long _passive;
    private long _persistent;
    private long _wipe;
    private long _initiate;
    private long _interval;
    private int _attempts;
    private bool _passiveAgain;

    /// <summary>The persistent keepalive interval.</summary>
    public ushort KeepaliveSeconds => (ushort)(Volatile.Read(ref _interval) / 1000);

    /// <summary>A new interval; from 0 to another one, a keepalive is due at once, or after the spread when it takes a handshake.</summary>
    public void SetKeepalive(ushort seconds, long now)
    {
        var before = Interlocked.Exchange(ref _interval, seconds * 1000L);
        if (seconds == 0)
        {
            Volatile.Write(ref _persistent, 0);
        }
        else if (before == 0)
        {
            Arm(ref _persistent, now + (peer.Connected ? 0 : core.Spread()));
        }
    }

    /// <summary>An authentic message came.</summary>
    /// <param name="now">When.</param>
    /// <param name="data">It was a packet, not a keepalive or handshake.</param>
    public void Received(long now, bool data)
    {
        Clear(ref _newHandshake);
        Traversed(now);
        if (data)
        {
            if (Volatile.Read(ref _passive) == 0)
            {
                Arm(ref _passive, now + PassiveAfter);
            }
            else
            {
                Volatile.Write(ref _passiveAgain, true);
            }
        }
    }

    /// <summary>An authentic message left.</summary>
    /// <param name="now">When.</param>
    /// <param name="data">It was a packet, not a keepalive or handshake.</param>
    public void Sent(long now, bool data)
    {
        Clear(ref _passive);
        Traversed(now);
        if (data && Volatile.Read(ref _newHandshake) == 0)
        {
            Arm(ref _newHandshake, now + NewHandshakeAfter + core.Jitter(Jitter));
        }
    }

    /// <summary>An initiation left.</summary>
    public void Initiated(long now) => Arm(ref _retry, now + RetryAfter + core.Jitter(Jitter));

    /// <summary>Something wants a handshake anew, not a retry.</summary>
    public void Demanded() => Volatile.Write(ref _attempts, 0);

    /// <summary>A handshake was wanted too soon after the last message of one: try when it may be, unless a retry is due anyway.</summary>
    public void Postponed(long last)
    {
        if (Volatile.Read(ref _retry) == 0)
        {
            Arm(ref _retry, last + RetryAfter + core.Jitter(Jitter));
        }
    }

    /// <summary>The session should be renewed; the next tick does it, since the data path has no output for it.</summary>
    public void AskInitiation(long now)
    {
        if (Volatile.Read(ref _initiate) == 0)
        {
            Arm(ref _initiate, now);
        }
    }

    /// <summary>There are new keys.</summary>
    public void SessionDerived(long now) => Arm(ref _wipe, now + WipeAfter);

    /// <summary>The other end has the new keys too.</summary>
    public void HandshakeComplete()
    {
        Volatile.Write(ref _retry, 0);
        Volatile.Write(ref _attempts, 0);
    }

    /// <summary>Does what is due, and takes the next turn.</summary>
    public void Fire(long now, IDatagramOutput output)
    {
        if (TakeDue(ref _retry, now))
        {
            Retry(now, output);
        }

        if (TakeDue(ref _newHandshake, now) | TakeDue(ref _initiate, now))
        {
            peer.Sessions.Initiate(now, output, retry: false);
        }

        if (TakeDue(ref _passive, now))
        {
            peer.Sessions.SendKeepalive(now, output);
            if (Interlocked.Exchange(ref _passiveAgain, false))
            {
                Arm(ref _passive, now + PassiveAfter);
            }
        }

        if (TakeDue(ref _persistent, now) && Volatile.Read(ref _interval) is > 0 and var interval && peer.Endpoint.Kind != EndpointKind.None)
        {
            // The next one is armed first: sending postpones it, and without an endpoint it waits for the peer to be heard.
            Arm(ref _persistent, now + interval);
            if (peer.Connected || core.Options.InitiationSpread <= TimeSpan.Zero || peer.Sessions.NeverTried)
            {
                peer.Sessions.SendKeepalive(now, output);
            }
            else
            {
                AskInitiation(now + core.Spread());
            }
        }

        if (TakeDue(ref _wipe, now))
        {
            peer.Sessions.Expire();
        }

        Reschedule();
    }

    private static bool TakeDue(ref long deadline, long now)
    {
        var due = Volatile.Read(ref deadline);
        return due != 0 && due <= now && Interlocked.CompareExchange(ref deadline, 0, due) == due;
    }

    private static void Clear(ref long deadline)
    {
        // Most often it is off already, and then the line needn't be written.
        if (Volatile.Read(ref deadline) != 0)
        {
            Volatile.Write(ref deadline, 0);
        }
    }

    private void Retry(long now, IDatagramOutput output)
    {
        if (Volatile.Read(ref _attempts) <= Attempts)
        {
            Interlocked.Increment(ref _attempts);
            peer.Sessions.Initiate(now, output, retry: true);
            return;
        }

        Clear(ref _passive);
        peer.Sessions.GiveUp();
        if (Volatile.Read(ref _wipe) == 0)
        {
            Arm(ref _wipe, now + WipeAfter);
        }
    }

    private void Traversed(long now)
    {
        var interval = Volatile.Read(ref _interval);
        if (interval == 0)
        {
            return;
        }

        if (Volatile.Read(ref _persistent) == 0)
        {
            Arm(ref _persistent, now + interval);
        }
        else
        {
            // It only moves back, so the turn in the wheel comes early enough.
            Volatile.Write(ref _persistent, now + interval);
        }
    }

    // The fence between the deadline and the look at the wheel pairs with the wheel's lock: either this sees that the peer has been taken out, or
    // whoever took it out sees the deadline.
    private void Arm(ref long deadline, long when)
    {
        Interlocked.Exchange(ref deadline, when);
        if (when < Volatile.Read(ref peer.Wheel.When))
        {
            core.Wheel.Schedule(peer, when);
        }
    }

    private void Reschedule()
    {
        var earliest = long.MaxValue;
        foreach (var deadline in (ReadOnlySpan<long>)[
            Volatile.Read(ref _retry), Volatile.Read(ref _newHandshake), Volatile.Read(ref _passive), Volatile.Read(ref _persistent),
            Volatile.Read(ref _wipe), Volatile.Read(ref _initiate)])
        {
            if (deadline != 0 && deadline < earliest)
            {
                earliest = deadline;
            }
        }

        if (earliest != long.MaxValue)
        {
            core.Wheel.Schedule(peer, earliest);
        }
    }
}
