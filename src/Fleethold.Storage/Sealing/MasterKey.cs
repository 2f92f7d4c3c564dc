using System.Security.Cryptography;

namespace Fleethold.Storage.Sealing;

/// <summary>
/// 32 random bytes from which every key of a store is derived (HKDF-SHA256, one purpose per key). Its id is written into each sealed blob,
/// so that blobs of an older key stay readable while a rotation is under way.
/// </summary>
internal sealed class MasterKey
{
    public const int Length = 32;

    private readonly byte[] _secret;

    public MasterKey(uint id, ReadOnlySpan<byte> secret)
    {
        if (secret.Length != Length)
        {
            throw new ArgumentException($"a master key has {Length} bytes, not {secret.Length}", nameof(secret));
        }

        (Id, _secret) = (id, secret.ToArray());
        RowKey = Derive("fleethold row key 1");
        SlotsKey = Derive("fleethold slots 1");
    }

    public uint Id { get; }

    public ReadOnlySpan<byte> Secret => _secret;

    /// <summary>Names rows: HMAC-SHA256 with this key over namespace, type and id.</summary>
    public byte[] RowKey { get; }

    /// <summary>Authenticates the list of key slots.</summary>
    public byte[] SlotsKey { get; }

    public static MasterKey Generate(uint id) => new(id, RandomNumberGenerator.GetBytes(Length));

    /// <summary>The AES-256 key of one lane: no two lanes have the same salt, so each may count its nonces from zero.</summary>
    public void DeriveLaneKey(ReadOnlySpan<byte> salt, Span<byte> key) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, key, salt, "fleethold seal 1"u8);

    private byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, Length, salt: null, System.Text.Encoding.ASCII.GetBytes(purpose));
}
