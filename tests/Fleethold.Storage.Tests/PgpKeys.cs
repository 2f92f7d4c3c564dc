using System.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Fleethold.Storage.Tests;

/// <summary>OpenPGP keys as the recipes for Omni make them: RSA to certify, an RSA subkey to encrypt; shorter, to be quick.</summary>
internal static class PgpKeys
{
    public static (string Private, string Public) Generate(string userId, string passphrase = "")
    {
        var created = DateTime.UnixEpoch.AddYears(50);
        var generator = new RsaKeyPairGenerator();
        generator.Init(new RsaKeyGenerationParameters(BigInteger.ValueOf(65537), new SecureRandom(), 2048, 12));
        var master = new PgpKeyPair(PublicKeyAlgorithmTag.RsaGeneral, generator.GenerateKeyPair(), created);
        var encryption = new PgpKeyPair(PublicKeyAlgorithmTag.RsaGeneral, generator.GenerateKeyPair(), created);

        var ring = new PgpKeyRingGenerator(
            PgpSignature.DefaultCertification,
            master,
            userId,
            passphrase.Length == 0 ? SymmetricKeyAlgorithmTag.Null : SymmetricKeyAlgorithmTag.Aes256,
            passphrase.ToCharArray(),
            true,
            Flags(PgpKeyFlags.CanCertify | PgpKeyFlags.CanSign),
            null,
            new SecureRandom());
        ring.AddSubKey(encryption, Flags(PgpKeyFlags.CanEncryptStorage | PgpKeyFlags.CanEncryptCommunications), null);
        return (Armour(ring.GenerateSecretKeyRing().Encode), Armour(ring.GeneratePublicKeyRing().Encode));
    }

    private static PgpSignatureSubpacketVector Flags(int flags)
    {
        var packets = new PgpSignatureSubpacketGenerator();
        packets.SetKeyFlags(false, flags);
        return packets.Generate();
    }

    private static string Armour(Action<Stream> encode)
    {
        using var text = new MemoryStream();
        using (var armour = new ArmoredOutputStream(text))
        {
            encode(armour);
        }

        return Encoding.ASCII.GetString(text.ToArray());
    }
}
