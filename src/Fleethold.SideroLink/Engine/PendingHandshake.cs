using Fleethold.SideroLink.Cryptography;

namespace Fleethold.SideroLink.Engine;

/// <summary>An initiation that was sent and waits for its response.</summary>
internal sealed class PendingHandshake(Peer peer, X25519Key ephemeral) : Indexed(peer)
{
    /// <summary>Chaining key and hash after the initiation.</summary>
    public NoiseState State;

    /// <summary>The key of this handshake alone.</summary>
    public X25519Key Ephemeral => ephemeral;

    /// <summary>Wipes its secrets.</summary>
    public void Wipe()
    {
        State.Clear();
        ephemeral.Dispose();
    }
}
