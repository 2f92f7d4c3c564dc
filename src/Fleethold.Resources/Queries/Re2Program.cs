using System.Buffers;

namespace Fleethold.Resources.Queries;

/// <summary>
/// An expression as a nondeterministic automaton whose states are all followed at once: every unit of the text costs at most one visit
/// of each state, and memory is a few words per state, whatever the text.
/// </summary>
internal sealed class Re2Program
{
    private readonly List<State> _states = [];
    private readonly Dictionary<CodePointSet, ulong[]> _bits = [];
    private readonly Re2Alphabet _alphabet;
    private readonly State[] _code;
    private readonly int _start;

    public Re2Program(Re2Node expression, Re2Alphabet alphabet)
    {
        _alphabet = alphabet;
        var end = Add(new State(StateKind.End, -1));
        _start = Emit(expression, end);
        _code = [.. _states];
    }

    private enum StateKind : byte
    {
        End,
        Letter,
        Place,
        Fork,
    }

    /// <summary>Whether the expression matches anywhere in a text of the alphabet's symbols.</summary>
    public bool IsMatch(ReadOnlySpan<char> mapped)
    {
        var size = _code.Length;
        var memory = ArrayPool<int>.Shared.Rent(size * 4);
        var reached = memory.AsSpan(0, size);
        var letters = memory.AsSpan(size, size);
        var seen = memory.AsSpan(size * 2, size);
        var pending = memory.AsSpan(size * 3, size);
        seen.Clear();
        var reachedCount = 0;
        var found = false;
        for (var position = 0; position <= mapped.Length && !found; position++)
        {
            // Those that came over the last unit, and a new beginning here.
            var mark = position + 1;
            var letterCount = 0;
            foreach (var state in reached[..reachedCount])
            {
                found |= Follow(state, mapped, position, mark, letters, ref letterCount, seen, pending);
            }

            found |= Follow(_start, mapped, position, mark, letters, ref letterCount, seen, pending);
            if (found || position == mapped.Length)
            {
                break;
            }

            reachedCount = 0;
            var symbol = Re2Alphabet.IndexOf(mapped[position]);
            foreach (var state in letters[..letterCount])
            {
                if ((_code[state].Bits![symbol >> 6] >> symbol & 1) != 0)
                {
                    reached[reachedCount++] = _code[state].Next;
                }
            }
        }

        ArrayPool<int>.Shared.Return(memory);
        return found;
    }

    /// <summary>Adds the letters that can come next to the set; true when the end is reached.</summary>
    private bool Follow(
        int from, ReadOnlySpan<char> mapped, int position, int mark, Span<int> letters, ref int count, Span<int> seen, Span<int> pending)
    {
        var depth = 0;
        if (seen[from] != mark)
        {
            seen[from] = mark;
            pending[depth++] = from;
        }

        while (depth > 0)
        {
            var index = pending[--depth];
            ref readonly var state = ref _code[index];
            switch (state.Kind)
            {
                case StateKind.End:
                    return true;
                case StateKind.Letter:
                    letters[count++] = index;
                    continue;
                case StateKind.Place when !IsAt(state.Place, mapped, position):
                    continue;
                case StateKind.Fork when seen[state.Other] != mark:
                    seen[state.Other] = mark;
                    pending[depth++] = state.Other;
                    break;
            }

            if (seen[state.Next] != mark)
            {
                seen[state.Next] = mark;
                pending[depth++] = state.Next;
            }
        }

        return false;
    }

    private static bool IsAt(Re2Place place, ReadOnlySpan<char> text, int position) => place switch
    {
        Re2Place.TextStart => position == 0,
        Re2Place.TextEnd => position == text.Length,
        Re2Place.LineStart => position == 0 || text[position - 1] == '\n',
        Re2Place.LineEnd => position == text.Length || text[position] == '\n',
        Re2Place.WordEdge => IsWord(text, position - 1) != IsWord(text, position),
        _ => IsWord(text, position - 1) == IsWord(text, position),
    };

    private static bool IsWord(ReadOnlySpan<char> text, int position) =>
        (uint)position < (uint)text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] == '_');

    private int Add(State state)
    {
        _states.Add(state);
        return _states.Count - 1;
    }

    /// <summary>Adds the states of a part in front of the state that follows it; gives the first of them.</summary>
    private int Emit(Re2Node node, int next)
    {
        switch (node)
        {
            case Re2Node.Letter(var set):
                if (!_bits.TryGetValue(set, out var bits))
                {
                    _bits[set] = bits = _alphabet.Bits(set);
                }

                return Add(new State(StateKind.Letter, next, Bits: bits));
            case Re2Node.At(var place):
                return Add(new State(StateKind.Place, next, Place: place));
            case Re2Node.Sequence(var parts):
                for (var index = parts.Length - 1; index >= 0; index--)
                {
                    next = Emit(parts[index], next);
                }

                return next;
            case Re2Node.Choice(var options):
                var first = Emit(options[^1], next);
                for (var index = options.Length - 2; index >= 0; index--)
                {
                    first = Add(new State(StateKind.Fork, Emit(options[index], next), first));
                }

                return first;
            case Re2Node.Repeat repeat:
                return EmitRepeat(repeat, next);
            default:
                throw new InvalidOperationException($"{node.GetType().Name} is no part of an expression");
        }
    }

    private int EmitRepeat(Re2Node.Repeat repeat, int next)
    {
        var first = next;
        if (repeat.Max < 0)
        {
            first = Add(new State(StateKind.Fork, -1, next));
            _states[first] = new State(StateKind.Fork, Emit(repeat.Part, first), next);
        }

        for (var optional = repeat.Min; optional < repeat.Max; optional++)
        {
            first = Add(new State(StateKind.Fork, Emit(repeat.Part, first), next));
        }

        for (var needed = 0; needed < repeat.Min; needed++)
        {
            first = Emit(repeat.Part, first);
        }

        return first;
    }

    private readonly record struct State(StateKind Kind, int Next, int Other = -1, Re2Place Place = default, ulong[]? Bits = null);
}
