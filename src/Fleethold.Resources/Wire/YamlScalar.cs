using System.Buffers;
using System.Text;

namespace Fleethold.Resources.Wire;

/// <summary>How a text appears in YAML.</summary>
internal enum ScalarStyle
{
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// <summary>
/// Which style a text gets, by the rules of the emitter that upstream's clients use (go.yaml.in/yaml v4 in its legacy mode, see
/// reference/resources.md 1.3): a text that a YAML 1.1 reader would take for something else is quoted, several lines are a literal block.
/// </summary>
internal static class YamlScalar
{
    // What can stand anywhere in a plain scalar without a closer look, as long as its beginning can't be taken for a number or a word.
    private static readonly SearchValues<char> Harmless =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./+=@$%^&*()[]{}<>,;|~!`?'\"\\");

    private static readonly SearchValues<char> HarmlessStart = SearchValues.Create("ABCDEGHIJKLMPQRSUVWXZabcdeghijklmpqrsuvwxz_/$^(\\;)");

    /// <summary>True for texts that are plain in every place, which most are.</summary>
    public static bool IsObviouslyPlain(ReadOnlySpan<char> text) =>
        text.Length > 0 && HarmlessStart.Contains(text[0]) && !text.ContainsAnyExcept(Harmless);

    /// <summary>The style of a string value.</summary>
    /// <param name="text">The value.</param>
    /// <param name="asKey">True for a key of one line.</param>
    public static ScalarStyle OfValue(string text, bool asKey)
    {
        var wanted = text.Contains('\n')
            ? text.Length >= 2 && !IsBlank(text) ? ScalarStyle.Literal : ScalarStyle.DoubleQuoted
            : IsString(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted;
        return Allowed(text, wanted, asKey);
    }

    /// <summary>The style of a metadata value: plain whatever it looks like, quoted only where the syntax leaves no choice.</summary>
    public static ScalarStyle OfMetadata(string text, bool asKey) => Allowed(text, text.Contains('\n') ? ScalarStyle.Literal : ScalarStyle.Plain, asKey);

    /// <summary>The style closest to the wanted one that the syntax allows for a text.</summary>
    public static ScalarStyle Allowed(string text, ScalarStyle wanted, bool asKey)
    {
        var traits = Analyze(text);
        if (asKey && traits.Multiline)
            wanted = ScalarStyle.DoubleQuoted;

        if (wanted == ScalarStyle.Plain && (!traits.PlainAllowed || (asKey && text.Length == 0)))
            wanted = ScalarStyle.SingleQuoted;

        if (wanted == ScalarStyle.SingleQuoted && !traits.SingleQuotedAllowed)
            wanted = ScalarStyle.DoubleQuoted;

        return wanted == ScalarStyle.Literal && (!traits.BlockAllowed || asKey) ? ScalarStyle.DoubleQuoted : wanted;
    }

    /// <summary>True when a key of this text is written without the <c>?</c> form.</summary>
    public static bool IsSimpleKey(string text) => text.AsSpan().IndexOfAny("\n\r\u0085\u2028\u2029") < 0 && Encoding.UTF8.GetByteCount(text) <= 128;

    /// <summary>True when a reader takes the plain text for a string, not for a number, a bool, a time, null or a merge key.</summary>
    public static bool IsString(string text)
    {
        if (text.Length == 0 || text == "<<" || IsOldBool(text))
            return false;

        return text[0] switch
        {
            't' or 'T' or 'f' or 'F' or 'n' or 'N' => !IsWord(text),
            '~' => text.Length > 1,
            '.' => !YamlNumber.IsSpecialFloat(text) && !YamlNumber.IsFloat(text),
            '+' or '-' or (>= '0' and <= '9') => !YamlNumber.IsNumberOrTime(text),
            _ => true,
        };
    }

    internal static bool IsPrintable(Rune rune) => rune.Value is '\n' or (>= 0x20 and <= 0x7e) or (>= 0xa0 and <= 0xd7ff) or (>= 0xe000 and <= 0xfffd and not 0xfeff);

    internal static bool IsBreak(Rune rune) => rune.Value is '\n' or '\r' or 0x85 or 0x2028 or 0x2029;

    private static bool IsWord(string text) => text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE" or "null" or "Null" or "NULL";

    private static bool IsOldBool(string text) => text is "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "n" or "N" or "no" or "No" or "NO"
        or "off" or "Off" or "OFF";

    private static bool IsBlank(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune))
                return false;
        }

        return true;
    }

    private static bool IsBlankOrEnd(string text, int index) => index >= text.Length || text[index] is ' ' or '\t' || IsBreak(new Rune(char.IsSurrogate(text[index]) ? 'x' : text[index]));

    private static Traits Analyze(string text)
    {
        if (text.Length == 0)
            return new Traits(false, true, true, false);

        bool indicators = text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("...", StringComparison.Ordinal);
        bool breaks = false, special = false, tabs = false;
        bool leadingSpace = false, leadingBreak = false, trailingSpace = false, trailingBreak = false, breakSpace = false, spaceBreak = false;
        bool afterBlank = true, afterSpace = false, afterBreak = false;
        var index = 0;
        while (index < text.Length)
        {
            if (index > 0 && SkipHarmless(text, ref index))
            {
                (afterBlank, afterSpace, afterBreak) = (false, false, false);
                continue;
            }

            _ = Rune.DecodeFromUtf16(text.AsSpan(index), out var rune, out var length);
            var next = index + length;
            var last = next == text.Length;
            indicators |= rune.Value switch
            {
                '#' => afterBlank,
                ',' or '[' or ']' or '{' or '}' or '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`' => index == 0,
                '?' or '-' => index == 0 && IsBlankOrEnd(text, next),
                ':' => IsBlankOrEnd(text, next),
                _ => false,
            };
            if (rune.Value == '\t')
                tabs = true;
            else if (!IsPrintable(rune))
                special = true;

            if (rune.Value == ' ')
            {
                leadingSpace |= index == 0;
                trailingSpace |= last;
                breakSpace |= afterBreak;
                (afterSpace, afterBreak) = (true, false);
            }
            else if (IsBreak(rune))
            {
                breaks = true;
                leadingBreak |= index == 0;
                trailingBreak |= last;
                spaceBreak |= afterSpace;
                (afterSpace, afterBreak) = (false, true);
            }
            else
            {
                (afterSpace, afterBreak) = (false, false);
            }

            afterBlank = rune.Value is ' ' or '\t' or 0 || IsBreak(rune);
            index = next;
        }

        var hard = spaceBreak || tabs || special;
        return new Traits(
            breaks,
            PlainAllowed: !(leadingSpace || leadingBreak || trailingSpace || trailingBreak || breakSpace || hard || breaks || indicators),
            SingleQuotedAllowed: !(breakSpace || hard),
            BlockAllowed: !(trailingSpace || spaceBreak || special));
    }

    // Long texts are mostly such characters: they are passed over many at a time.
    private static bool SkipHarmless(string text, ref int index)
    {
        var length = text.AsSpan(index).IndexOfAnyExcept(Harmless);
        length = length < 0 ? text.Length - index : length;
        index += length;
        return length > 0;
    }

    private readonly record struct Traits(bool Multiline, bool PlainAllowed, bool SingleQuotedAllowed, bool BlockAllowed);
}
