using System.Globalization;
using System.Text;

namespace Fleethold.Resources.Queries;

/// <summary>Reads RE2's syntax, with the Perl extensions that the library of the clients has on.</summary>
/// <param name="pattern">The expression.</param>
internal sealed partial class Re2Parser(string pattern)
{
    private const int MaxRepeat = 1000;

    // After writing out all counts; it bounds what compiling and matching cost.
    private const int MaxSize = 4000;

    // Of all classes in brackets together, for Unicode's categories have hundreds each.
    private const int MaxClassRanges = 30_000;

    private readonly Stack<Group> _groups = new();
    private Group _group = new(default);
    private Flags _flags;
    private int _position;
    private int _classRanges;
    private string? _error;

    [Flags]
    private enum Flags
    {
        None = 0,
        FoldCase = 1,
        MultiLine = 2,
        DotMatchesNewline = 4,
    }

    /// <summary>Null when the expression is good, else the text of the error, without its prefix.</summary>
    public string? Parse(out Re2Node expression)
    {
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
                    _group.EndOption();
                    break;
                case '^':
                    _position++;
                    Add(new Re2Node.At(_flags.HasFlag(Flags.MultiLine) ? Re2Place.LineStart : Re2Place.TextStart));
                    break;
                case '$':
                    _position++;
                    Add(new Re2Node.At(_flags.HasFlag(Flags.MultiLine) ? Re2Place.LineEnd : Re2Place.TextEnd));
                    break;
                case '.':
                    _position++;
                    AddLetter(_flags.HasFlag(Flags.DotMatchesNewline) ? CodePointSet.All : CodePointSet.AllButNewline);
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

        expression = _group.Close();
        if (expression.Size > MaxSize)
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

    private void Add(Re2Node part) => _group.Parts.Add(part);

    private void AddLetter(CodePointSet set) => Add(new Re2Node.Letter(set));

    private void AddLiteral(int codePoint) => AddLetter(Folded(CodePointSet.Of((codePoint, codePoint))));

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
        _group = new Group(flags);
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
        var closed = _group.Close();
        _flags = _group.FlagsBefore;
        _group = _groups.Pop();
        Add(closed);
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
        if (Peek == '?')
        {
            _position++;
        }

        if (lastRepeat >= 0)
        {
            Fail("invalid nested repetition operator", lastRepeat, _position);
            return;
        }

        if (_group.Parts.Count == 0)
        {
            Fail("missing argument to repetition operator", start, _position);
            return;
        }

        var part = _group.Parts[^1];
        var count = max < 0 ? min : max;
        var size = (part.Size * Math.Max(1, count)) + 1;
        var product = !counted ? part.Product : max == 0 ? 0 : part.Product * Math.Max(1, count);
        if (counted && (min >= 2 || max >= 2) && product > MaxRepeat)
        {
            Fail("invalid repeat count", start, _position);
        }
        else if (size > MaxSize)
        {
            Fail("expression too large", 0, pattern.Length);
        }

        _group.Parts[^1] = new Re2Node.Repeat(part, min, max, size, product);
    }

    /// <summary>What is open: the whole expression or a group.</summary>
    private sealed class Group(Flags flagsBefore)
    {
        private readonly List<Re2Node> _options = [];

        public Flags FlagsBefore => flagsBefore;

        /// <summary>What follows each other since the last bar.</summary>
        public List<Re2Node> Parts { get; } = [];

        public void EndOption()
        {
            _options.Add(Parts is [var one] ? one : new Re2Node.Sequence([.. Parts]));
            Parts.Clear();
        }

        public Re2Node Close()
        {
            EndOption();
            return _options is [var one] ? one : new Re2Node.Choice([.. _options]);
        }
    }
}
