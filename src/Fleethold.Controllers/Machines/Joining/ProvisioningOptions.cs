namespace Fleethold.Controllers.Machines.Joining;

/// <summary>Which machines may join with which tokens (reference/siderolink.md 2.3).</summary>
public enum JoinTokenMode
{
    /// <summary>Only machines that keep a token of their own.</summary>
    Strict,

    /// <summary>Those, and older ones with a join token alone.</summary>
    LegacyAllowed,

    /// <summary>A join token is all that counts.</summary>
    Legacy,
}

/// <summary>How machines are answered that ask to join.</summary>
public sealed record ProvisioningOptions
{
    /// <summary>Who may join with what.</summary>
    public JoinTokenMode Mode { get; init; } = JoinTokenMode.LegacyAllowed;

    /// <summary>WireGuard of every machine goes over gRPC, whatever it or anybody wants.</summary>
    public bool ForcesGrpcTunnel { get; init; }

    /// <summary>How many links there may be; 0 for any number. Machines in limbo don't count.</summary>
    public int MaxMachines { get; init; }

    /// <summary>How long an answer waits for the peer to be there.</summary>
    public TimeSpan PeerLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer to a machine in limbo waits for its token to be written: as long as the machine waits for the answer.</summary>
    public TimeSpan LimboLimit { get; init; } = TimeSpan.FromSeconds(30);
}
