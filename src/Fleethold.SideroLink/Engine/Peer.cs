using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Engine;

/// <summary>The other end of a tunnel. Made by <see cref="Identity.Set"/>; thread-safe.</summary>
public sealed class Peer
{
    internal Peer()
    {
    }

    /// <summary>Whose peer it is.</summary>
    public Identity Identity => throw new NotImplementedException();

    /// <summary>Its public key.</summary>
    public PublicKey Key => throw new NotImplementedException();

    /// <summary>Its address inside the tunnel, host order.</summary>
    public UInt128 Address => throw new NotImplementedException();

    /// <summary>Where datagrams to it go: where it was last heard, or what was given.</summary>
    public PeerEndpoint Endpoint => throw new NotImplementedException();

    /// <summary>What it has done.</summary>
    public LinkActivity Activity => throw new NotImplementedException();

    /// <summary>The persistent keepalive interval in seconds; 0: off.</summary>
    public ushort KeepaliveSeconds => throw new NotImplementedException();

    /// <summary>It was removed; it sends and receives nothing any more.</summary>
    public bool Removed => throw new NotImplementedException();

    /// <summary>There is a session to send with at this moment.</summary>
    public bool Connected => throw new NotImplementedException();

    /// <summary>Initiations refused because their timestamp was smaller than one before: the machine's clock was set back, or somebody replays.</summary>
    public long OldInitiations => throw new NotImplementedException();
}
