using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Fleethold.SideroLink.Provision;

/// <summary>
/// A join token as machines present it: a plain secret, or data signed with one (reference/siderolink.md 2.2). Immutable.
/// </summary>
public sealed class JoinToken
{
    /// <summary>The longest text that is read, in characters. A kernel command line has room for about an eighth of it.</summary>
    public const int MaxLength = 16 * 1024;

    private readonly string _secret;
    private readonly byte[]? _signature;

    private JoinToken(JoinTokenVersion version, string secret, IReadOnlyDictionary<string, string>? extraData, byte[]? signature) =>
        (Version, _secret, ExtraData, _signature) = (version, secret, extraData, signature);

    /// <summary>Its form.</summary>
    public JoinTokenVersion Version { get; }

    /// <summary>The signed data; null for a plain token. They become labels of the machine's link.</summary>
    public IReadOnlyDictionary<string, string>? ExtraData { get; }

    /// <summary>The HMAC that it came with; empty for a plain token and where there is none.</summary>
    public ReadOnlyMemory<byte> Signature => _signature;

    /// <summary>A new plain token: 32 random bytes in base62.</summary>
    public static string Generate() => Base62.NewToken();

    /// <summary>Reads any form. What begins with neither <c>v1:</c> nor <c>v2:</c> is a plain token.</summary>
    /// <param name="text">What a stranger sent.</param>
    /// <param name="token">The token; nothing is said about its validity.</param>
    /// <param name="error">Why it can't be read. It never quotes the token.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out JoinToken? token, [NotNullWhen(false)] out string? error)
    {
        token = null;
        if (text.Length > MaxLength)
        {
            error = $"it is longer than {MaxLength} characters";
            return false;
        }

        var version = text.StartsWith("v1:", StringComparison.Ordinal) ? JoinTokenVersion.V1
            : text.StartsWith("v2:", StringComparison.Ordinal) ? JoinTokenVersion.V2
            : JoinTokenVersion.Plain;
        if (version == JoinTokenVersion.Plain)
        {
            (token, error) = (new JoinToken(version, text, null, null), null);
            return true;
        }

        if (!TryDecodeBase64(text[3..], out var json))
        {
            error = "what follows its prefix isn't padded standard base64";
            return false;
        }

        Dictionary<string, string>? extraData = null;
        byte[]? signature = null;
        error = GoJson.ReadObject(json, (string name, ref Utf8JsonReader value) =>
        {
            if (name.Equals("extra_data", StringComparison.OrdinalIgnoreCase))
            {
                extraData = GoJson.Map(ref value, extraData);
            }
            else if (name.Equals("signature", StringComparison.OrdinalIgnoreCase))
            {
                signature = ReadBytes(ref value);
            }
            else
            {
                value.Skip();
            }
        });
        if (error is not null)
        {
            return false;
        }

        token = new JoinToken(version, "", extraData, signature);
        return true;
    }

    /// <summary>Signs data with a plain token.</summary>
    /// <param name="key">The plain token.</param>
    /// <param name="extraData">The data; null makes a token that is written as the plain one.</param>
    /// <param name="version">The form.</param>
    /// <param name="token">The token.</param>
    /// <param name="error">Why there is none, in the words of the original: the plain form has no room for data.</param>
    public static bool TrySign(
        string key,
        IReadOnlyDictionary<string, string>? extraData,
        JoinTokenVersion version,
        [NotNullWhen(true)] out JoinToken? token,
        [NotNullWhen(false)] out string? error)
    {
        if (version == JoinTokenVersion.Plain)
        {
            (token, error) = extraData is null
                ? (new JoinToken(version, key, null, null), null)
                : (default(JoinToken), "version \"plain\" does not have a prefix");
            return token is not null;
        }

        (token, error) = (new JoinToken(version, key, extraData, Sign(key, extraData)), null);
        return true;
    }

    /// <summary>
    /// Whether it was made with this plain token: its signature is that of the data, or it is the plain token. The time taken doesn't depend on where
    /// texts differ. An empty key never made a valid token, and neither is one valid that has no signature: upstream takes both.
    /// </summary>
    public bool IsMadeWith(string key)
    {
        if (key.Length == 0)
        {
            return false;
        }

        return Version == JoinTokenVersion.Plain
            ? CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(_secret), Encoding.UTF8.GetBytes(key))
            : _signature is not null && CryptographicOperations.FixedTimeEquals(_signature, Sign(key, ExtraData));
    }

    /// <summary>The wire form: the same as was read, but for white space and the order of fields.</summary>
    public string Encode()
    {
        if (JoinTokenVersions.PrefixOf(Version) is not { } prefix || ExtraData is null)
        {
            return _secret;
        }

        var json = new StringBuilder("{\"extra_data\":").AppendMap(ExtraData).Append(",\"signature\":");
        _ = _signature is null ? json.Append("null") : json.AppendText(Convert.ToBase64String(_signature));
        return prefix + Convert.ToBase64String(Encoding.UTF8.GetBytes(json.Append('}').ToString()));
    }

    /// <summary>Not the token: it is a secret.</summary>
    public override string ToString() => $"join token ({Version})";

    /// <summary>The text that is signed.</summary>
    internal static string SignedText(IReadOnlyDictionary<string, string>? extraData) => new StringBuilder().AppendMap(extraData).ToString();

    private static byte[] Sign(string key, IReadOnlyDictionary<string, string>? extraData) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(SignedText(extraData)));

    private static byte[]? ReadBytes(ref Utf8JsonReader value)
    {
        if (value.TokenType != JsonTokenType.StartArray)
        {
            return GoJson.Text(ref value, null) is not { } text ? null
                : TryDecodeBase64(text, out var decoded) ? decoded
                : throw new JsonException("its signature isn't padded standard base64");
        }

        var bytes = new List<byte>();
        while (value.Read() && value.TokenType != JsonTokenType.EndArray)
        {
            bytes.Add(value.TokenType == JsonTokenType.Number && value.TryGetByte(out var one) ? one : throw new JsonException("its signature holds what isn't a byte"));
        }

        return [.. bytes];
    }

    // Line breaks inside are passed over, as the original does; other white space isn't.
    private static bool TryDecodeBase64(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = new byte[(text.Length / 4 * 3) + 3];
        if (text.AsSpan().ContainsAny(" \t") || !Convert.TryFromBase64String(text, bytes, out var written))
        {
            return false;
        }

        bytes = bytes[..written];
        return true;
    }
}
