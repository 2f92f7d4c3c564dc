using System.Security.Cryptography;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Cryptography;

/// <summary>The authentication codes at the end of handshake messages, and cookies (reference/wireguard.md 1.5).</summary>
internal static class MessageMacs
{
    /// <summary>The key of <c>mac1</c> in messages to the owner of a public key.</summary>
    public static Key32 Mac1Key(ReadOnlySpan<byte> receiver) => Labelled("mac1----"u8, receiver);

    /// <summary>The key that seals cookies in replies of the owner of a public key.</summary>
    public static Key32 CookieKey(ReadOnlySpan<byte> replier) => Labelled("cookie--"u8, replier);

    /// <summary>Writes <c>mac1</c>.</summary>
    public static void WriteMac1(ReadOnlySpan<byte> mac1Key, Span<byte> message) => Blake2s.Mac(mac1Key, Message.BeforeMac1(message), Message.Mac1(message));

    /// <summary>Writes <c>mac2</c>, after <c>mac1</c>.</summary>
    public static void WriteMac2(ReadOnlySpan<byte> cookie, Span<byte> message) => Blake2s.Mac(cookie, Message.BeforeMac2(message), Message.Mac2(message));

    /// <summary>Whether <c>mac1</c> is right.</summary>
    public static bool Mac1Fits(ReadOnlySpan<byte> mac1Key, Span<byte> message)
    {
        Span<byte> mac = stackalloc byte[Message.MacLength];
        Blake2s.Mac(mac1Key, Message.BeforeMac1(message), mac);
        return CryptographicOperations.FixedTimeEquals(mac, Message.Mac1(message));
    }

    /// <summary>Whether <c>mac2</c> is right.</summary>
    public static bool Mac2Fits(ReadOnlySpan<byte> cookie, Span<byte> message)
    {
        Span<byte> mac = stackalloc byte[Message.MacLength];
        Blake2s.Mac(cookie, Message.BeforeMac2(message), mac);
        return CryptographicOperations.FixedTimeEquals(mac, Message.Mac2(message));
    }

    /// <summary>Fills in a cookie reply to a refused message.</summary>
    public static void WriteCookieReply(CookieReplyMessage reply, uint receiver, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> cookieKey, ReadOnlySpan<byte> cookie, ReadOnlySpan<byte> refusedMac1)
    {
        reply.WriteHeader(receiver);
        nonce.CopyTo(reply.Nonce);
        cookie.CopyTo(reply.Cookie);
        XAead.Seal(cookieKey, nonce, refusedMac1, reply.Cookie);
    }

    /// <summary>Reads the cookie of a reply to the message whose <c>mac1</c> is given.</summary>
    public static bool TryReadCookie(CookieReplyMessage reply, ReadOnlySpan<byte> cookieKey, ReadOnlySpan<byte> sentMac1, Span<byte> cookie)
    {
        Span<byte> copy = stackalloc byte[Message.MacLength + Message.TagLength];
        reply.Cookie.CopyTo(copy);
        if (!XAead.TryOpen(cookieKey, reply.Nonce, sentMac1, copy))
        {
            return false;
        }

        copy[..Message.MacLength].CopyTo(cookie);
        return true;
    }

    private static Key32 Labelled(ReadOnlySpan<byte> label, ReadOnlySpan<byte> key)
    {
        var hash = default(Key32);
        Blake2s.Hash(label, key, hash);
        return hash;
    }
}
