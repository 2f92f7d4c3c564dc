using System.Text;

namespace Fleethold.Resources.Wire;

/// <summary>
/// Gives the same string object for the same bytes most of the time, so that a hundred thousand resources share the texts that they have
/// in common (namespaces, types, owners, label keys). It is a cache of fixed size: a stranger can't make it grow, only make it useless.
/// </summary>
internal static class Utf8Interner
{
    private const int Slots = 4096;
    private const int LongestBytes = 128;

    private static readonly Entry?[] Entries = new Entry?[Slots];

    // A text is kept when it comes a second time; those that come once, as most ids do, would only push out the others.
    private static readonly int[] LastSeen = new int[Slots];

    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length == 0)
            return "";

        if (utf8.Length > LongestBytes)
            return StrictText.Decode(utf8);

        var hasher = new HashCode();
        hasher.AddBytes(utf8);
        var hash = hasher.ToHashCode();
        var slot = (int)((uint)hash % Slots);

        // Entries never change, so a reader that races with a writer sees one of two good entries.
        if (Volatile.Read(ref Entries[slot]) is { } entry && utf8.SequenceEqual(entry.Bytes))
            return entry.Text;

        var text = StrictText.Decode(utf8);
        if (LastSeen[slot] == hash)
            Volatile.Write(ref Entries[slot], new Entry(utf8.ToArray(), text));
        else
            LastSeen[slot] = hash;

        return text;
    }

    private sealed record Entry(byte[] Bytes, string Text);
}

/// <summary>UTF-8 that refuses what is not UTF-8, as protobuf's strings must be.</summary>
internal static class StrictText
{
    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="DecoderFallbackException">The bytes are not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> utf8) => Encoding.GetString(utf8);
}
