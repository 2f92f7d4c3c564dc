using System.Security.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>A WireGuard key pair. Its text form is the public key, so that the secret reaches no log.</summary>
/// <param name="Secret">The private key, 32 bytes.</param>
/// <param name="Public">The public key.</param>
public sealed record KeyPair(byte[] Secret, PublicKey Public)
{
    /// <summary>A new pair; the secret is clamped, as <c>wg genkey</c> writes it.</summary>
    public static KeyPair Generate()
    {
        var secret = RandomNumberGenerator.GetBytes(PublicKey.Length);
        secret[0] &= 248;
        secret[31] = (byte)((secret[31] & 127) | 64);
        return From(secret);
    }

    /// <summary>The pair of a private key, which is kept and not copied.</summary>
    /// <exception cref="ArgumentException">It hasn't 32 bytes.</exception>
    public static KeyPair From(byte[] secret)
    {
        using var key = X25519Key.Import(secret);
        return new KeyPair(secret, key.PublicKey);
    }

    /// <inheritdoc/>
    public override string ToString() => Public.ToString();
}
