using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Fleethold.Storage.Sealing;

/// <summary>A slot opened by 32 secret bytes: the master key is wrapped with AES-256-GCM under a key derived from them.</summary>
internal sealed class SecretSlotKey : ISlotKey
{
    private readonly byte[] _key;

    public SecretSlotKey(byte[] secret)
    {
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "fleethold slot key 1"u8.ToArray());
        SlotName = "secret-" + Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 8, info: "fleethold slot name 1"u8.ToArray()));
    }

    public string SlotName { get; }

    public string Label => "secret of 32 bytes";

    public string? PublicKey => null;

    /// <summary>Reads 32 bytes in base64; null when the text is something else.</summary>
    public static SecretSlotKey? Parse(string text)
    {
        var bytes = new byte[MasterKey.Length + 3];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var length) && length == MasterKey.Length ? new(bytes[..length]) : null;
    }

    public string Wrap(MasterKey key)
    {
        var wrapped = new byte[12 + MasterKey.Length + 16];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, 12));
        using var cipher = new AesGcm(_key, 16);
        cipher.Encrypt(wrapped.AsSpan(0, 12), key.Secret, wrapped.AsSpan(12, MasterKey.Length), wrapped.AsSpan(44), Bound(key.Id));
        return Convert.ToBase64String(wrapped);
    }

    public MasterKey Unwrap(string wrapped, uint keyId)
    {
        var bytes = new byte[64];
        if (!Convert.TryFromBase64String(wrapped, bytes, out var length) || length != 60)
        {
            throw new SealException("its content isn't in the right form");
        }

        var secret = new byte[MasterKey.Length];
        try
        {
            using var cipher = new AesGcm(_key, 16);
            cipher.Decrypt(bytes.AsSpan(0, 12), bytes.AsSpan(12, MasterKey.Length), bytes.AsSpan(44, 16), secret, Bound(keyId));
            return new MasterKey(keyId, secret);
        }
        catch (AuthenticationTagMismatchException failure)
        {
            throw new SealException("its content doesn't open", failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private byte[] Bound(uint keyId)
    {
        var bound = new byte[4 + SlotName.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bound, keyId);
        Encoding.ASCII.GetBytes(SlotName, bound.AsSpan(4));
        return bound;
    }
}
