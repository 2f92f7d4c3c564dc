using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>The other end of a tunnel. Made by <see cref="Identity.Set"/>; thread-safe.</summary>
public sealed class Peer
{
    private readonly WireGuardCore _core;
    private Where _endpoint = Where.Unknown;
    private UInt128 _address;
    private long _received;
    private long _sent;
    private long _endpointChanges;
    private long _oldInitiations;
    private long _lastHandshake;
    private bool _removed;

    internal Peer(WireGuardCore core, Identity identity, PublicKey key, UInt128 address)
    {
        _core = core;
        _address = address;
        Identity = identity;
        Key = key;
        Timers = new PeerTimers(this, core);
        Sessions = new PeerSessions(this, core);
    }

    /// <summary>Whose peer it is.</summary>
    public Identity Identity { get; }

    /// <summary>Its public key.</summary>
    public PublicKey Key { get; }

    /// <summary>Its address inside the tunnel, host order.</summary>
    public UInt128 Address => _address;

    /// <summary>Where datagrams to it go: where it was last heard, or what was given.</summary>
    public PeerEndpoint Endpoint => Volatile.Read(ref _endpoint).Endpoint;

    /// <summary>What it has done.</summary>
    public LinkActivity Activity
    {
        get
        {
            var ticks = Volatile.Read(ref _lastHandshake);
            return new(
                ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero),
                Volatile.Read(ref _received),
                Volatile.Read(ref _sent),
                Endpoint,
                Volatile.Read(ref _endpointChanges));
        }
    }

    /// <summary>The persistent keepalive interval in seconds; 0: off.</summary>
    public ushort KeepaliveSeconds => Timers.KeepaliveSeconds;

    /// <summary>It was removed; it sends and receives nothing any more.</summary>
    public bool Removed => Volatile.Read(ref _removed);

    /// <summary>There is a session to send with at this moment.</summary>
    public bool Connected => Sessions.Current is { } session && session.CanSend(_core.Now);

    /// <summary>Initiations refused because their timestamp was smaller than one before: the machine's clock was set back, or somebody replays.</summary>
    public long OldInitiations => Volatile.Read(ref _oldInitiations);

    internal PeerSessions Sessions { get; }

    internal PeerTimers Timers { get; }

    /// <summary>Its place in the timer wheel, which alone changes it.</summary>
    internal WheelEntry Wheel = new();

    internal void Configure(UInt128 address, PeerEndpoint endpoint, ushort keepaliveSeconds, ReadOnlySpan<byte> presharedKey)
    {
        lock (Sessions.Gate)
        {
            _address = address;
            Sessions.SetPresharedKey(presharedKey);
            if (endpoint.Kind != EndpointKind.None && Endpoint.Kind == EndpointKind.None)
            {
                _core.Sources.Move(Endpoint, endpoint);
                Volatile.Write(ref _endpoint, new Where(endpoint));
            }
        }

        Timers.SetKeepalive(keepaliveSeconds, _core.Now);
    }

    /// <summary>It was heard from there, authentically.</summary>
    internal void HeardFrom(in PeerEndpoint from)
    {
        if (_endpoint.Endpoint == from)
        {
            return;
        }

        lock (Sessions.Gate)
        {
            var before = Endpoint;
            if (before == from || _removed)
            {
                return;
            }

            if (before.Kind != EndpointKind.None)
            {
                _endpointChanges++;
            }

            _core.Sources.Move(before, from);
            Volatile.Write(ref _endpoint, new Where(from));
        }
    }

    internal void AddReceived(int bytes) => Interlocked.Add(ref _received, bytes);

    internal void AddSent(int bytes) => Interlocked.Add(ref _sent, bytes);

    internal void AddOldInitiation() => Interlocked.Increment(ref _oldInitiations);

    internal void StampHandshake(DateTimeOffset time) => Volatile.Write(ref _lastHandshake, time.UtcTicks);

    /// <summary>Ends everything; the identity has taken it out of its tables.</summary>
    internal void Close()
    {
        lock (Sessions.Gate)
        {
            Volatile.Write(ref _removed, true);
            Sessions.Close();
            _core.Sources.Move(Endpoint, PeerEndpoint.None);
        }

        _core.Wheel.Remove(this);
    }

    /// <summary>An endpoint that is read and replaced as a whole.</summary>
    private sealed record Where(PeerEndpoint Endpoint)
    {
        public static Where Unknown { get; } = new(PeerEndpoint.None);
    }
}
