using System.Buffers.Binary;
using System.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Security;

namespace Fleethold.Storage.Sealing;

/// <summary>A recipient by OpenPGP public key: the slot is an armoured OpenPGP message (AES-256, integrity protected) to its encryption key.</summary>
internal class OpenPgpRecipient : ISlotRecipient
{
    // Of the key flags: may encrypt communications, may encrypt storage.
    private const int EncryptionFlags = 0x04 | 0x08;

    private readonly PgpPublicKey _encryptionKey;

    protected OpenPgpRecipient(PgpPublicKeyRing ring)
    {
        _encryptionKey = ring.GetPublicKeys().Where(IsForEncryption).OrderBy(key => key.IsMasterKey).ThenByDescending(key => key.CreationTime).FirstOrDefault()
            ?? throw new SealException("the OpenPGP key has no part that can encrypt: add an encryption subkey, or use another key");
        var master = ring.GetPublicKey();
        SlotName = "openpgp-" + Convert.ToHexStringLower(master.GetFingerprint());
        Label = master.GetUserIds().FirstOrDefault() ?? "";

        using var text = new MemoryStream();
        using (var armour = new ArmoredOutputStream(text))
        {
            ring.Encode(armour);
        }

        PublicKey = Encoding.ASCII.GetString(text.ToArray());
    }

    public string SlotName { get; }

    public string Label { get; }

    public string PublicKey { get; }

    /// <summary>Reads an armoured public key; a private one is taken for its public half.</summary>
    /// <exception cref="SealException">It isn't one.</exception>
    public static OpenPgpRecipient Parse(string armour)
    {
        try
        {
            using var input = PgpUtilities.GetDecoderStream(new MemoryStream(Encoding.ASCII.GetBytes(armour)));
            return new PgpObjectFactory(input).NextPgpObject() switch
            {
                PgpPublicKeyRing ring => new OpenPgpRecipient(ring),
                PgpSecretKeyRing ring => new OpenPgpRecipient(PublicHalf(ring)),
                _ => throw new SealException("it isn't an ASCII-armoured OpenPGP key"),
            };
        }
        catch (Exception failure) when (failure is IOException or PgpException)
        {
            throw new SealException("it isn't an ASCII-armoured OpenPGP key", failure);
        }
    }

    public string Wrap(MasterKey key)
    {
        var content = new byte[4 + MasterKey.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(content, key.Id);
        key.Secret.CopyTo(content.AsSpan(4));

        using var text = new MemoryStream();
        using (var armour = new ArmoredOutputStream(text))
        {
            var encryption = new PgpEncryptedDataGenerator(SymmetricKeyAlgorithmTag.Aes256, true, new SecureRandom());
            encryption.AddMethod(_encryptionKey);
            using var encrypted = encryption.Open(armour, new byte[256]);
            using var literal = new PgpLiteralDataGenerator().Open(encrypted, PgpLiteralData.Binary, "", content.Length, DateTime.UnixEpoch);
            literal.Write(content);
        }

        return Encoding.ASCII.GetString(text.ToArray());
    }

    protected static PgpPublicKeyRing PublicHalf(PgpSecretKeyRing ring)
    {
        using var encoded = new MemoryStream();
        foreach (var key in ring.GetSecretKeys())
        {
            key.PublicKey.Encode(encoded);
        }

        return new PgpPublicKeyRing(encoded.ToArray());
    }

    private static bool IsForEncryption(PgpPublicKey key)
    {
        if (!key.IsEncryptionKey || key.HasRevocation())
        {
            return false;
        }

        var flags = key.GetSignatures().Select(signature => signature.GetHashedSubPackets()?.GetKeyFlags() ?? 0).FirstOrDefault(found => found != 0);
        return flags == 0 || (flags & EncryptionFlags) != 0;
    }
}

/// <summary>An OpenPGP private key without passphrase.</summary>
internal sealed class OpenPgpSlotKey : OpenPgpRecipient, ISlotKey
{
    private readonly PgpSecretKeyRing _ring;

    private OpenPgpSlotKey(PgpSecretKeyRing ring)
        : base(PublicHalf(ring)) => _ring = ring;

    /// <exception cref="SealException">It isn't an armoured private key without passphrase.</exception>
    public static new OpenPgpSlotKey Parse(string armour)
    {
        try
        {
            using var input = PgpUtilities.GetDecoderStream(new MemoryStream(Encoding.ASCII.GetBytes(armour)));
            if (new PgpObjectFactory(input).NextPgpObject() is not PgpSecretKeyRing ring)
            {
                throw new SealException("it isn't an ASCII-armoured OpenPGP private key");
            }

            if (ring.GetSecretKeys().Any(key => key.KeyEncryptionAlgorithm != SymmetricKeyAlgorithmTag.Null && !key.IsPrivateKeyEmpty))
            {
                throw new SealException("the OpenPGP private key has a passphrase: export it without one");
            }

            return new OpenPgpSlotKey(ring);
        }
        catch (Exception failure) when (failure is IOException or PgpException)
        {
            throw new SealException("it isn't an ASCII-armoured OpenPGP private key", failure);
        }
    }

    public MasterKey Unwrap(string wrapped, uint keyId)
    {
        try
        {
            using var input = PgpUtilities.GetDecoderStream(new MemoryStream(Encoding.ASCII.GetBytes(wrapped)));
            if (new PgpObjectFactory(input).NextPgpObject() is not PgpEncryptedDataList list)
            {
                throw new SealException("its content isn't in the right form");
            }

            foreach (var encrypted in list.GetEncryptedDataObjects().OfType<PgpPublicKeyEncryptedData>())
            {
                if (_ring.GetSecretKey(encrypted.KeyId) is { } secret)
                {
                    return Read(encrypted, secret.ExtractPrivateKey([]), keyId);
                }
            }

            throw new SealException("it is for another OpenPGP key");
        }
        catch (Exception failure) when (failure is IOException or PgpException or ArgumentException or InvalidCastException)
        {
            throw new SealException("its content doesn't open", failure);
        }
    }

    private static MasterKey Read(PgpPublicKeyEncryptedData encrypted, PgpPrivateKey key, uint keyId)
    {
        using var clear = encrypted.GetDataStream(key);
        if (new PgpObjectFactory(clear).NextPgpObject() is not PgpLiteralData literal)
        {
            throw new SealException("its content isn't in the right form");
        }

        using var content = literal.GetInputStream();
        var bytes = new byte[4 + MasterKey.Length];
        if (content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) != bytes.Length || content.ReadByte() >= 0
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != keyId || !encrypted.IsIntegrityProtected() || !encrypted.Verify())
        {
            throw new SealException("its content isn't in the right form");
        }

        return new MasterKey(keyId, bytes.AsSpan(4));
    }
}
