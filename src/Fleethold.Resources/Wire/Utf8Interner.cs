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

    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length == 0)
            return "";

        if (utf8.Length > LongestBytes)
            return StrictText.Decode(utf8);

        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var slot = ref Entries[(uint)hash.ToHashCode() % Slots];

        // Entries never change, so a reader that races with a writer sees one of two good entries.
        var entry = Volatile.Read(ref slot);
        if (entry is not null && utf8.SequenceEqual(entry.Bytes))
            return entry.Text;

        entry = new Entry(utf8.ToArray(), StrictText.Decode(utf8));
        Volatile.Write(ref slot, entry);
        return entry.Text;
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
