using System.Security.Cryptography;

namespace Fleethold.SideroLink.Provision;

/// <summary>
/// The base62 of join tokens (reference/siderolink.md 2.2). It isn't a conversion of a big number: bits are taken six at a time from the end, and a
/// group whose middle four bits are all set keeps only five, so that 62 letters suffice.
/// </summary>
internal static class Base62
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int TokenBytes = 32;
    private const int MiddleBits = 0b011110;
    private const int FiveBits = 0b011111;

    /// <summary>A new token of 256 random bits: 43 to 52 letters.</summary>
    public static string NewToken() => Encode(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>The letters for these bytes; none for none.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var letters = new List<char>((bytes.Length * 8 / 5) + 1);
        for (var left = bytes.Length * 8; left > 0;)
        {
            var taken = Math.Min(6, left);
            var group = Bits(bytes, left - taken, taken);
            left -= taken;
            if ((group & MiddleBits) == MiddleBits)
            {
                // The sixth bit goes to the next group; at the front it does so only when it is set.
                if (left > 0 || group > FiveBits)
                {
                    left++;
                }

                group &= FiveBits;
            }

            letters.Add(Letters[group]);
        }

        return string.Concat(letters);
    }

    private static int Bits(ReadOnlySpan<byte> bytes, int from, int count)
    {
        var bits = 0;
        for (var i = from; i < from + count; i++)
        {
            bits = (bits << 1) | ((bytes[i / 8] >> (7 - (i % 8))) & 1);
        }

        return bits;
    }
}
