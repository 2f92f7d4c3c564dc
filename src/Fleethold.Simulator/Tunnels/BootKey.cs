using System.Security.Cryptography;
using Fleethold.SideroLink.Wire;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Fleethold.Simulator.Tunnels;

/// <summary>The WireGuard key pair of one boot; Talos makes a new one at each start and keeps it in memory.</summary>
/// <param name="Secret">32 bytes.</param>
/// <param name="Public">What the server is told.</param>
internal sealed record BootKey(byte[] Secret, PublicKey Public)
{
    /// <summary>Makes a new pair.</summary>
    public static BootKey Generate()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        secret[0] &= 248;
        secret[31] = (byte)((secret[31] & 127) | 64);
        var point = new byte[32];
        X25519.ScalarMultBase(secret, 0, point, 0);
        return new(secret, PublicKey.Read(point));
    }

    /// <summary>Shows the public key only.</summary>
    public override string ToString() => Public.ToString();
}
