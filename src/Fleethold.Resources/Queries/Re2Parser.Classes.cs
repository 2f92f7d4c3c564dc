using System.Buffers;

namespace Fleethold.Resources.Queries;

// Escapes and character classes.
internal sealed partial class Re2Parser
{
    private static readonly SearchValues<char> WordCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private static readonly Dictionary<string, CodePointSet> PosixClasses = new(StringComparer.Ordinal)
    {
        ["alnum"] = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('a', 'z')),
        ["alpha"] = CodePointSet.Of(('A', 'Z'), ('a', 'z')),
        ["ascii"] = CodePointSet.Of((0, 0x7F)),
        ["blank"] = CodePointSet.Of(('\t', '\t'), (' ', ' ')),
        ["cntrl"] = CodePointSet.Of((0, 0x1F), (0x7F, 0x7F)),
        ["digit"] = CodePointSet.Of(('0', '9')),
        ["graph"] = CodePointSet.Of(('!', '~')),
        ["lower"] = CodePointSet.Of(('a', 'z')),
        ["print"] = CodePointSet.Of((' ', '~')),
        ["punct"] = CodePointSet.Of(('!', '/'), (':', '@'), ('[', '`'), ('{', '~')),
        ["space"] = CodePointSet.Of(('\t', '\r'), (' ', ' ')),
        ["upper"] = CodePointSet.Of(('A', 'Z')),
        ["word"] = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')),
        ["xdigit"] = CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
    };

    private static readonly CodePointSet PerlSpace = CodePointSet.Of(('\t', '\n'), ('\f', '\r'), (' ', ' '));

    private void Escape()
    {
        var start = _position;
        switch (start + 1 < pattern.Length ? pattern[start + 1] : '\0')
        {
            case 'A':
                Anchor(Re2Place.TextStart);
                return;
            case 'z':
                Anchor(Re2Place.TextEnd);
                return;
            case 'b':
                Anchor(Re2Place.WordEdge);
                return;
            case 'B':
                Anchor(Re2Place.NoWordEdge);
                return;
            case 'C':
                Fail("invalid escape sequence", start, start + 2);
                return;
            case 'Q':
                Quoted();
                return;
        }

        if (TryNamedSet(out var set))
        {
            AddLetter(set);
        }
        else if (_error is null && TryEscapedLiteral(out var literal))
        {
            AddLiteral(literal);
        }

        void Anchor(Re2Place place)
        {
            _position += 2;
            Add(new Re2Node.At(place));
        }
    }

    private void Quoted()
    {
        var start = _position + 2;
        var end = pattern.IndexOf(@"\E", start, StringComparison.Ordinal);
        var stop = end < 0 ? pattern.Length : end;
        _position = start;
        while (_position < stop && TryRune(out var literal))
        {
            AddLiteral(literal);
        }

        _position = end < 0 ? stop : end + 2;
    }

    private void Class()
    {
        var start = _position++;
        var negated = Peek == '^';
        if (negated)
        {
            _position++;
        }

        var ranges = new List<(int First, int Last)>();
        for (var first = true; first || Peek != ']' || _position >= pattern.Length; first = false)
        {
            if (pattern.AsSpan(_position).StartsWith("[:") && TryPosixClass(out var posix))
            {
                ranges.AddRange(posix.Ranges);
            }
            else if (_error is null && Peek == '\\' && TryNamedSet(out var named))
            {
                ranges.AddRange(named.Ranges);
            }
            else if (_error is null && TryClassRange(start, out var from, out var to))
            {
                ranges.AddRange(Folded(CodePointSet.Of((from, to))).Ranges);
            }

            if (_error is not null)
            {
                return;
            }
        }

        _position++;
        _classRanges += ranges.Count;
        if (_classRanges > MaxClassRanges)
        {
            Fail("expression too large", 0, pattern.Length);
            return;
        }

        var set = CodePointSet.Of([.. ranges]);
        AddLetter(negated ? set.Complement() : set);
    }

    private bool TryClassRange(int classStart, out int from, out int to)
    {
        var start = _position;
        to = 0;
        if (!TryClassCharacter(classStart, out from))
        {
            return false;
        }

        to = from;
        if (Peek == '-' && _position + 1 < pattern.Length && pattern[_position + 1] != ']')
        {
            _position++;
            if (!TryClassCharacter(classStart, out to))
            {
                return false;
            }

            if (to < from)
            {
                Fail("invalid character class range", start, _position);
                return false;
            }
        }

        return true;
    }

    private bool TryClassCharacter(int classStart, out int codePoint)
    {
        if (_position >= pattern.Length)
        {
            codePoint = 0;
            Fail("missing closing ]", classStart, pattern.Length);
            return false;
        }

        return Peek == '\\' ? TryEscapedLiteral(out codePoint) : TryRune(out codePoint);
    }

    private bool TryPosixClass(out CodePointSet set)
    {
        set = CodePointSet.All;
        var end = pattern.IndexOf(":]", _position + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        var name = pattern[(_position + 2)..end];
        if (!PosixClasses.TryGetValue(name.StartsWith('^') ? name[1..] : name, out var found))
        {
            Fail("invalid character class range", _position, end + 2);
            return false;
        }

        set = name.StartsWith('^') ? Folded(found).Complement() : Folded(found);
        _position = end + 2;
        return true;
    }

    /// <summary>Perl's classes and Unicode's: <c>\d</c>, <c>\W</c>, <c>\pL</c>, <c>\P{Lu}</c>. Without an error, false means that it is something else.</summary>
    private bool TryNamedSet(out CodePointSet set)
    {
        set = CodePointSet.All;
        var start = _position;
        var letter = start + 1 < pattern.Length ? pattern[start + 1] : '\0';
        var perl = char.ToLowerInvariant(letter) switch
        {
            'd' => PosixClasses["digit"],
            's' => PerlSpace,
            'w' => PosixClasses["word"],
            _ => null,
        };
        if (perl is not null)
        {
            _position += 2;
            set = char.IsAsciiLetterUpper(letter) ? Folded(perl).Complement() : Folded(perl);
            return true;
        }

        if (letter is not ('p' or 'P'))
        {
            return false;
        }

        _position += 2;
        string name;
        if (Peek == '{')
        {
            var end = pattern.IndexOf('}', _position);
            name = end < 0 ? "" : pattern[(_position + 1)..end];
            _position = end < 0 ? pattern.Length : end + 1;
        }
        else
        {
            TryRune(out _);
            name = pattern[(start + 2).._position];
        }

        var negated = name.StartsWith('^');
        var category = CodePointSet.Category(negated ? name[1..] : name);
        if (category is null)
        {
            Fail("invalid character class range", start, _position);
            return false;
        }

        set = negated != (letter == 'P') ? Folded(category).Complement() : Folded(category);
        return true;
    }

    private CodePointSet Folded(CodePointSet set) => _flags.HasFlag(Flags.FoldCase) ? set.FoldCase() : set;

    /// <summary>An escape that stands for one code point. False after an error.</summary>
    private bool TryEscapedLiteral(out int codePoint)
    {
        var start = _position++;
        if (_position >= pattern.Length)
        {
            codePoint = 0;
            Fail("trailing backslash at end of expression", start, start);
            return false;
        }

        if (!TryRune(out codePoint))
        {
            return false;
        }

        switch (codePoint)
        {
            // One digit alone would be a back reference.
            case '0':
            case >= '1' and <= '7' when Peek is >= '0' and <= '7':
                codePoint -= '0';
                for (var digits = 1; digits < 3 && Peek is >= '0' and <= '7'; digits++)
                {
                    codePoint = (codePoint * 8) + pattern[_position++] - '0';
                }

                return true;
            case 'x' when TryHex(out codePoint):
                return true;
            case 'x':
                break;
            case 'a':
                codePoint = '\a';
                return true;
            case 'f':
                codePoint = '\f';
                return true;
            case 'n':
                codePoint = '\n';
                return true;
            case 'r':
                codePoint = '\r';
                return true;
            case 't':
                codePoint = '\t';
                return true;
            case 'v':
                codePoint = '\v';
                return true;
            case < 0x80 when !char.IsAsciiLetterOrDigit((char)codePoint):
                return true;
        }

        Fail("invalid escape sequence", start, _position);
        return false;
    }

    private bool TryHex(out int codePoint)
    {
        codePoint = 0;
        if (Peek != '{')
        {
            var good = true;
            for (var digit = 0; digit < 2; digit++)
            {
                if (!TryRune(out var letter))
                {
                    return false;
                }

                good &= letter < 0x80 && char.IsAsciiHexDigit((char)letter);
                codePoint = good ? (codePoint * 16) + Convert.ToInt32(((char)letter).ToString(), 16) : 0;
            }

            return good;
        }

        _position++;
        for (var digits = 0; TryRune(out var letter); digits++)
        {
            if (letter == '}')
            {
                return digits > 0;
            }

            if (letter >= 0x80 || !char.IsAsciiHexDigit((char)letter))
            {
                return false;
            }

            codePoint = (codePoint * 16) + Convert.ToInt32(((char)letter).ToString(), 16);
            if (codePoint > 0x10FFFF)
            {
                return false;
            }
        }

        return false;
    }
}
