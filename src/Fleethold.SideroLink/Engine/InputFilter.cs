namespace Fleethold.SideroLink.Engine;

/// <summary>Decides which opened packets may enter the virtual side.</summary>
public enum InputFilter
{
    /// <summary>Every packet whose source belongs to its peer.</summary>
    None,

    /// <summary>
    /// The server's: only IPv6 of at least 54 bytes to its own address, next header TCP, UDP or ICMPv6; so machines never reach each other
    /// through it (reference/siderolink.md 4, reference/wireguard.md 2, fact 12).
    /// </summary>
    OwnAddressOnly,
}
