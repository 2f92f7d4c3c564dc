using System.Globalization;
using System.Text;

namespace Fleethold.Resources.Queries;

/// <summary>
/// Checks an expression against RE2's syntax (with the Perl extensions that clients' library has on) and cuts it into pieces of the
/// platform's syntax. Only whether an expression matches counts here, never what or how long: groups don't capture and nothing is lazy.
/// </summary>
/// <param name="pattern">The expression.</param>
internal sealed partial class Re2Parser(string pattern)
{
    private const int MaxRepeat = 1000;

    // Letters and operators after writing out all repetitions; it bounds what compiling and matching cost.
    private const int MaxSize = 4000;

    private readonly List<Piece> _pieces = [];
    private readonly Stack<Group> _groups = new();
    private Group _group = new(0, default);
    private Flags _flags;
    private int _position;
    private string? _error;

    [Flags]
    private enum Flags
    {
        None = 0,
        FoldCase = 1,
        MultiLine = 2,
        DotMatchesNewline = 4,
    }

    /// <summary>Either ready text, or a set of code points.</summary>
    public readonly record struct Piece(string? Text, CodePointSet? Set);

    /// <summary>Null when the expression is good, else the text of the error, without its prefix.</summary>
    public string? Parse(out IReadOnlyList<Piece> pieces)
    {
        pieces = _pieces;
        var repeated = -1;
        while (_position < pattern.Length && _error is null)
        {
            var start = _position;
            var lastRepeat = repeated;
            repeated = -1;
            switch (pattern[_position])
            {
                case '(':
                    OpenGroup();
                    break;
                case ')':
                    CloseGroup();
                    break;
                case '|':
                    _position++;
                    _group.EndAtom();
                    _pieces.Add(new("|", null));
                    break;
                case '^':
                    _position++;
                    AddText(_flags.HasFlag(Flags.MultiLine) ? "(?m:^)" : @"(?:\A)");
                    break;
                case '$':
                    _position++;
                    AddText(_flags.HasFlag(Flags.MultiLine) ? "(?m:$)" : @"(?:\z)");
                    break;
                case '.':
                    _position++;
                    AddSet(_flags.HasFlag(Flags.DotMatchesNewline) ? CodePointSet.All : CodePointSet.AllButNewline);
                    break;
                case '[':
                    Class();
                    break;
                case '*' or '+' or '?':
                    _position++;
                    Repeat(start, lastRepeat, pattern[start] == '+' ? 1 : 0, pattern[start] == '?' ? 1 : -1, counted: false);
                    repeated = start;
                    break;
                case '{' when TryCount(out var min, out var max):
                    if (min is < 0 or > MaxRepeat || max > MaxRepeat || (max >= 0 && min > max))
                    {
                        Fail("invalid repeat count", start, _position);
                        break;
                    }

                    Repeat(start, lastRepeat, min, max, counted: true);
                    repeated = start;
                    break;
                case '\\':
                    Escape();
                    break;
                default:
                    if (TryRune(out var literal))
                    {
                        AddLiteral(literal);
                    }

                    break;
            }
        }

        if (_error is null && _groups.Count > 0)
        {
            Fail("missing closing )", 0, pattern.Length);
        }

        _group.EndAtom();
        if (_error is null && _group.Size > MaxSize)
        {
            Fail("expression too large", 0, pattern.Length);
        }

        return _error;
    }

    private void Fail(string what, int from, int to) => _error ??= $"{what}: `{pattern[from..to]}`";

    private bool TryRune(out int codePoint)
    {
        codePoint = 0;
        if (_position >= pattern.Length)
        {
            return false;
        }

        if (!Rune.TryGetRuneAt(pattern, _position, out var rune))
        {
            Fail("invalid UTF-8", _position, _position + 1);
            return false;
        }

        codePoint = rune.Value;
        _position += rune.Utf16SequenceLength;
        return true;
    }

    private void AddText(string text)
    {
        _group.BeginAtom(_pieces.Count, 1, 1);
        _pieces.Add(new(text, null));
    }

    private void AddSet(CodePointSet set)
    {
        _group.BeginAtom(_pieces.Count, 1, 1);
        _pieces.Add(new(null, set));
    }

    private void AddLiteral(int codePoint)
    {
        var set = CodePointSet.Of((codePoint, codePoint));
        if (_flags.HasFlag(Flags.FoldCase))
        {
            set = set.FoldCase();
        }

        if (codePoint < 0x80 && set.Ranges is [var range] && range.First == range.Last)
        {
            AddText(string.Create(CultureInfo.InvariantCulture, $@"\u{codePoint:X4}"));
        }
        else
        {
            AddSet(set);
        }
    }

    private void OpenGroup()
    {
        var start = _position;
        var flags = _flags;
        if (pattern.AsSpan(start).StartsWith("(?"))
        {
            if (!PerlGroup(start, out var opens) || !opens)
            {
                return;
            }
        }
        else
        {
            _position++;
        }

        _groups.Push(_group);
        _group = new Group(_pieces.Count, flags);
        _pieces.Add(new("(?:", null));
    }

    /// <summary>A named group, or flags with or without a group. False after an error.</summary>
    private bool PerlGroup(int start, out bool opens)
    {
        opens = true;
        var rest = pattern.AsSpan(start);
        var named = rest.StartsWith("(?P<") && rest.Length > 4 ? 4 : rest.StartsWith("(?<") && rest.Length > 3 ? 3 : 0;
        if (named > 0)
        {
            var end = pattern.IndexOf('>', start);
            var name = end < 0 ? [] : pattern.AsSpan(start + named, end - start - named);
            if (name.IsEmpty || name.ContainsAnyExcept(WordCharacters))
            {
                Fail("invalid named capture", start, end < 0 ? pattern.Length : end + 1);
                return false;
            }

            _position = end + 1;
            return true;
        }

        _position = start + 2;
        var (flags, negative, sawFlag) = (_flags, false, false);
        while (TryRune(out var letter))
        {
            Flags? flag = letter switch
            {
                'i' => Flags.FoldCase,
                'm' => Flags.MultiLine,
                's' => Flags.DotMatchesNewline,
                'U' => Flags.None,
                _ => null,
            };
            if (flag is { } set)
            {
                flags = negative ? flags & ~set : flags | set;
                sawFlag = true;
            }
            else if (letter == '-' && !negative)
            {
                (negative, sawFlag) = (true, false);
            }
            else if (letter is ':' or ')' && (sawFlag || !negative))
            {
                _flags = flags;
                opens = letter == ':';
                return true;
            }
            else
            {
                break;
            }
        }

        // The library of the clients reports up to and with the letter that it couldn't take.
        Fail("invalid or unsupported Perl syntax", start, _position);
        return false;
    }

    private void CloseGroup()
    {
        if (_groups.Count == 0)
        {
            Fail("unexpected )", 0, pattern.Length);
            return;
        }

        _position++;
        _pieces.Add(new(")", null));
        _group.EndAtom();
        var closed = _group;
        _group = _groups.Pop();
        _flags = closed.FlagsBefore;
        _group.BeginAtom(closed.Start, closed.Size + 1, closed.Product);
    }

    private bool TryCount(out int min, out int max)
    {
        var start = _position++;
        if (TryNumber(out min))
        {
            max = min;
            if (Peek == ',')
            {
                _position++;
                max = -1;
                if (Peek != '}')
                {
                    if (!TryNumber(out max))
                    {
                        return Back(out max);
                    }

                    min = max < 0 ? -1 : min;
                }
            }

            if (Peek == '}')
            {
                _position++;
                return true;
            }
        }

        return Back(out max);

        // What isn't a count is a literal brace.
        bool Back(out int none)
        {
            none = 0;
            _position = start;
            return false;
        }
    }

    private char Peek => _position < pattern.Length ? pattern[_position] : '\0';

    /// <summary>Digits without leading zeros; -1 for a number too big to count.</summary>
    private bool TryNumber(out int number)
    {
        var length = pattern.AsSpan(_position).IndexOfAnyExcept("0123456789");
        var digits = length < 0 ? pattern.AsSpan(_position) : pattern.AsSpan(_position, length);
        number = digits.Length > 8 ? -1 : 0;
        if (digits.IsEmpty || (digits.Length > 1 && digits[0] == '0'))
        {
            return false;
        }

        _position += digits.Length;
        return number < 0 || int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private void Repeat(int start, int lastRepeat, int min, int max, bool counted)
    {
        var end = _position;
        if (Peek == '?')
        {
            _position++;
        }

        if (lastRepeat >= 0)
        {
            Fail("invalid nested repetition operator", lastRepeat, _position);
            return;
        }

        if (!_group.HasAtom)
        {
            Fail("missing argument to repetition operator", start, _position);
            return;
        }

        if (_group.AtomRepeated)
        {
            _pieces.Insert(_group.AtomStart, new("(?:", null));
            _pieces.Add(new(")", null));
        }

        _pieces.Add(new(pattern[start..end], null));
        if (!_group.RepeatAtom(counted, min, max, MaxRepeat))
        {
            Fail("invalid repeat count", start, _position);
        }
        else if (_group.AtomSize > MaxSize)
        {
            Fail("expression too large", 0, pattern.Length);
        }
    }

    /// <summary>What is open: the whole expression or a group, with its last atom, which an operator may repeat.</summary>
    private sealed class Group(int start, Flags flagsBefore)
    {
        public int Start => start;

        public Flags FlagsBefore => flagsBefore;

        public long Size { get; private set; }

        /// <summary>The highest product of nested counts in it.</summary>
        public int Product { get; private set; } = 1;

        public bool HasAtom { get; private set; }

        public int AtomStart { get; private set; }

        public bool AtomRepeated { get; private set; }

        public long AtomSize { get; private set; }

        private int AtomProduct { get; set; }

        public void BeginAtom(int at, long size, int product)
        {
            EndAtom();
            (HasAtom, AtomStart, AtomRepeated, AtomSize, AtomProduct) = (true, at, false, size, product);
        }

        public void EndAtom()
        {
            if (HasAtom)
            {
                Size += AtomSize;
                Product = Math.Max(Product, AtomProduct);
                HasAtom = false;
            }
        }

        /// <summary>False when nested counts multiply to more than the limit.</summary>
        public bool RepeatAtom(bool counted, int min, int max, int limit)
        {
            var count = max < 0 ? min : max;
            AtomRepeated = true;
            AtomSize = (AtomSize * Math.Max(1, count)) + 1;
            if (counted && max == 0)
            {
                AtomProduct = 0;
            }
            else if (counted && count > 0)
            {
                AtomProduct *= count;
            }

            return !counted || (min < 2 && max < 2) || AtomProduct <= limit;
        }
    }
}
