using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fleethold.Resources.Wire;

/// <summary>
/// YAML under construction, as UTF-8. Indentation is always given as the absolute column; a scalar's own lines go at the indent it is given.
/// Rented per use and not safe for several threads.
/// </summary>
internal sealed class YamlBuffer
{
    // The breaks that a literal block may hold; the others aren't printable and force double quotes.
    private static readonly SearchValues<char> Breaks = SearchValues.Create("\n\u2028\u2029");

    [ThreadStatic]
    private static YamlBuffer? _spare;

    private byte[] _bytes = new byte[1024];
    private int _length;
    private int _width;

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>An empty buffer.</summary>
    /// <param name="width">Long scalars of one line are folded at this column; by default they aren't.</param>
    public static YamlBuffer Rent(int width = int.MaxValue)
    {
        var buffer = _spare ?? new YamlBuffer();
        _spare = null;
        (buffer._length, buffer._width) = (0, width);
        return buffer;
    }

    /// <summary>Gives the buffer back; large ones are dropped.</summary>
    public void Return()
    {
        if (_bytes.Length <= 256 * 1024)
            _spare = this;
    }

    /// <summary>What was written, as a string.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Written);

    /// <summary>Starts a line unless one just started, and indents.</summary>
    public void BeginLine(int indent)
    {
        Grow(indent + 1);
        if (_length > 0 && _bytes[_length - 1] != '\n')
            _bytes[_length++] = (byte)'\n';

        Pad(indent);
    }

    /// <summary>Ends the last line unless it is ended.</summary>
    public void End() => BeginLine(0);

    /// <summary>Writes bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Grow(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Writes a number or another formattable value in invariant form.</summary>
    public void Raw<T>(T value)
        where T : IUtf8SpanFormattable
    {
        Grow(64);
        value.TryFormat(_bytes.AsSpan(_length), out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>Writes a text that needs no quotes.</summary>
    public void Raw(ReadOnlySpan<char> text)
    {
        Grow(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
    }

    /// <summary>Writes a string value in the style it needs.</summary>
    public void Text(string text, int indent)
    {
        if (YamlScalar.IsObviouslyPlain(text))
            Raw(text);
        else
            Scalar(text, YamlScalar.OfValue(text, asKey: false), indent);
    }

    /// <summary>
    /// Writes the key of a mapping and its colon; the caller began the line. A long key, or one of several lines, takes the <c>?</c> form.
    /// </summary>
    public void Key(string key, int indent, Func<string, bool, ScalarStyle> style)
    {
        if (YamlScalar.IsSimpleKey(key))
        {
            Scalar(key, style(key, true), int.MaxValue);
            Raw(":"u8);
            return;
        }

        Raw("? "u8);
        Scalar(key, style(key, false), indent + 4 - indent % 4);
        BeginLine(indent);
        Raw(":"u8);
    }

    /// <summary>Writes a scalar in a style that is allowed for it.</summary>
    /// <param name="text">The value.</param>
    /// <param name="style">A style from <see cref="YamlScalar"/>.</param>
    /// <param name="indent">The column of further lines; the largest int for a key, which never has any.</param>
    public void Scalar(string text, ScalarStyle style, int indent)
    {
        switch (style)
        {
            case ScalarStyle.Plain:
                Folded(text, indent, quoted: false);
                break;
            case ScalarStyle.SingleQuoted:
                Raw("'"u8);
                Folded(text, indent, quoted: true);
                Raw("'"u8);
                break;
            case ScalarStyle.DoubleQuoted:
                DoubleQuoted(text, indent);
                break;
            default:
                Literal(text, indent);
                break;
        }
    }

    // Plain and single-quoted texts share their folding: a single space beyond the width becomes a line break.
    private void Folded(string text, int indent, bool quoted)
    {
        var mayFold = indent < int.MaxValue && Column() + text.Length > _width;
        if (!mayFold && text.AsSpan().IndexOfAny("'\n\r\u0085\u2028\u2029") < 0)
        {
            Raw(text);
            return;
        }

        bool spaces = false, breaks = false;
        var column = Column();
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (character == ' ')
            {
                var single = index + 1 >= text.Length || text[index + 1] != ' ';
                if (mayFold && !spaces && column > _width && single && (!quoted || (index > 0 && index < text.Length - 1)))
                {
                    BeginLine(indent);
                    column = indent;
                }
                else
                {
                    Raw(" "u8);
                    column++;
                }

                spaces = true;
            }
            else if (character is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029')
            {
                Raw([character]);
                (breaks, column) = (true, 0);
            }
            else
            {
                if (breaks && indent < int.MaxValue)
                {
                    Pad(indent);
                    column = indent;
                }

                if (quoted && character == '\'')
                    Raw("'"u8);

                column += Copy(text, ref index);
                (spaces, breaks) = (false, false);
            }
        }
    }

    private void DoubleQuoted(string text, int indent)
    {
        Raw("\""u8);
        var spaces = false;
        var column = Column();
        for (var index = 0; index < text.Length; index++)
        {
            Rune.DecodeFromUtf16(text.AsSpan(index), out var rune, out _);
            if (!YamlScalar.IsPrintable(rune) || YamlScalar.IsBreak(rune) || rune.Value is '"' or '\\')
            {
                var start = _length;
                Escaped(rune);
                column += _length - start;
                index += rune.Utf16SequenceLength - 1;
                spaces = false;
            }
            else if (rune.Value == ' ')
            {
                if (indent < int.MaxValue && !spaces && column > _width && index > 0 && index < text.Length - 1)
                {
                    BeginLine(indent);
                    column = indent;
                    if (text[index + 1] == ' ')
                    {
                        Raw("\\"u8);
                        column++;
                    }
                }
                else
                {
                    Raw(" "u8);
                    column++;
                }

                spaces = true;
            }
            else
            {
                column += Copy(text, ref index);
                spaces = false;
            }
        }

        Raw("\""u8);
    }

    private void Escaped(Rune rune)
    {
        Raw(rune.Value switch
        {
            0x00 => "\\0",
            0x07 => "\\a",
            0x08 => "\\b",
            0x09 => "\\t",
            0x0a => "\\n",
            0x0b => "\\v",
            0x0c => "\\f",
            0x0d => "\\r",
            0x1b => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            0x85 => "\\N",
            0xa0 => "\\_",
            0x2028 => "\\L",
            0x2029 => "\\P",
            <= 0xff => "\\x" + rune.Value.ToString("X2", CultureInfo.InvariantCulture),
            <= 0xffff => "\\u" + rune.Value.ToString("X4", CultureInfo.InvariantCulture),
            _ => "\\U" + rune.Value.ToString("X8", CultureInfo.InvariantCulture),
        });
    }

    private void Literal(string text, int indent)
    {
        Raw("|"u8);
        // The hint is the unit of indentation even where the block stands less deep, as in a sequence; readers of upstream's YAML know it so.
        if (text[0] == ' ')
            Raw("4"u8);

        if (!Breaks.Contains(text[^1]))
            Raw("-"u8);
        else if (text.Length == 1 || Breaks.Contains(text[^2]))
            Raw("+"u8);

        Raw("\n"u8);
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var end = rest.IndexOfAny(Breaks);
            var line = end < 0 ? rest : rest[..end];
            if (line.Length > 0)
            {
                Pad(indent);
                Raw(line);
            }

            if (end < 0)
                break;

            Raw(rest.Slice(end, 1));
            rest = rest[(end + 1)..];
        }
    }

    private int Copy(string text, ref int index)
    {
        Rune.DecodeFromUtf16(text.AsSpan(index), out var rune, out _);
        Raw(text.AsSpan(index, rune.Utf16SequenceLength));
        index += rune.Utf16SequenceLength - 1;
        return 1;
    }

    private int Column()
    {
        var line = Written[(Written.LastIndexOf((byte)'\n') + 1)..];
        return Encoding.UTF8.GetCharCount(line);
    }

    private void Pad(int indent)
    {
        Grow(indent);
        _bytes.AsSpan(_length, indent).Fill((byte)' ');
        _length += indent;
    }

    private void Grow(int more)
    {
        if (_bytes.Length - _length < more)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + more));
    }
}
