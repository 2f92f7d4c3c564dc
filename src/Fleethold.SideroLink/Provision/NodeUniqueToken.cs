using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Fleethold.SideroLink.Provision;

/// <summary>
/// What a machine proves with that it is the one that joined before (reference/siderolink.md 2.4). It is kept on the machine, in META key 16, as JSON;
/// whoever stores it stores the text byte for byte.
/// </summary>
/// <param name="Fingerprint">Identifies the hardware: a hash of its MAC addresses, in hex; may be empty.</param>
/// <param name="Token">The secret: a UUID.</param>
public sealed record NodeUniqueToken(string Fingerprint, string Token)
{
    /// <summary>The longest text that is read, in characters. Ours has 130.</summary>
    public const int MaxLength = 4096;

    /// <summary>False for one without its secret, which proves nothing.</summary>
    public bool HasToken => Token.Length > 0;

    /// <summary>A token for a machine with these physical links.</summary>
    /// <param name="addresses">The MAC address of each: the permanent one where it has one.</param>
    public static NodeUniqueToken Generate(IEnumerable<byte[]> addresses) => new(FingerprintOf(addresses), Guid.NewGuid().ToString("D"));

    /// <summary>SHA-256 over the addresses in the order of their bytes, in lower-case hex.</summary>
    public static string FingerprintOf(IEnumerable<byte[]> addresses)
    {
        var sorted = addresses.ToArray();
        Array.Sort(sorted, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return Convert.ToHexStringLower(SHA256.HashData([.. sorted.SelectMany(address => address)]));
    }

    /// <summary>Reads the JSON form. An empty text is no token and no error: machines send the field always.</summary>
    /// <param name="text">What a stranger sent.</param>
    /// <param name="token">The token; null for none.</param>
    /// <param name="error">Why it can't be read. It never quotes the text.</param>
    public static bool TryParse(string text, out NodeUniqueToken? token, [NotNullWhen(false)] out string? error)
    {
        (token, error) = (null, null);
        if (text.Length == 0)
        {
            return true;
        }

        if (text.Length > MaxLength)
        {
            error = $"the unique token of the node is longer than {MaxLength} characters";
            return false;
        }

        var (fingerprint, secret) = ("", "");
        var fault = GoJson.ReadObject(Encoding.UTF8.GetBytes(text), (string name, ref Utf8JsonReader value) =>
        {
            if (name.Equals(nameof(Fingerprint), StringComparison.OrdinalIgnoreCase))
            {
                fingerprint = GoJson.Text(ref value, fingerprint)!;
            }
            else if (name.Equals(nameof(Token), StringComparison.OrdinalIgnoreCase))
            {
                secret = GoJson.Text(ref value, secret)!;
            }
            else
            {
                value.Skip();
            }
        });
        if (fault is not null)
        {
            error = $"the unique token of the node can't be read: {fault}";
            return false;
        }

        token = new NodeUniqueToken(fingerprint, secret);
        return true;
    }

    /// <summary>The JSON form.</summary>
    public string Encode() =>
        new StringBuilder("{\"Fingerprint\":").AppendText(Fingerprint).Append(",\"Token\":").AppendText(Token).Append('}').ToString();

    /// <summary>Whether the secrets are the same, whatever the hardware. The time taken doesn't depend on where they differ.</summary>
    public bool IsSameToken(NodeUniqueToken other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Token), Encoding.UTF8.GetBytes(other.Token));

    /// <summary>Whether both come from the same hardware. An unknown fingerprint is never the same.</summary>
    public bool IsSameHardware(NodeUniqueToken other) => Fingerprint.Length > 0 && Fingerprint == other.Fingerprint;

    /// <summary>Not the token: it is a secret.</summary>
    public override string ToString() => $"unique token of the hardware {Fingerprint}";
}
