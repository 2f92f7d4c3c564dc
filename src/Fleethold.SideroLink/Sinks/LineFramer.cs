namespace Fleethold.SideroLink.Sinks;

/// <summary>
/// Cuts a stream of bytes into lines, for one connection. A line that lies whole in the input isn't copied; of one that doesn't, at most the
/// limit is kept, and nothing between lines. Empty lines are skipped; a last line without its newline never comes out
/// (reference/siderolink.md 8.2).
/// </summary>
/// <param name="limit">The most bytes of a line; the rest is skipped up to the newline.</param>
internal sealed class LineFramer(int limit)
{
    private const byte Newline = (byte)'\n';
    private const int FirstRoom = 512;

    private byte[]? _partial;
    private int _length;
    private bool _isCut;
    private bool _partialWasGiven;

    /// <summary>Bytes that are held for a line whose end hasn't come.</summary>
    public int Held => _partial?.Length ?? 0;

    /// <summary>The next line; false when the input is used up.</summary>
    /// <param name="input">What was received; shortened by what was used.</param>
    /// <param name="line">The line without its newline, 1 to limit bytes; valid until the next call and while the input is.</param>
    /// <param name="isCut">The line was longer than the limit.</param>
    public bool TryNext(ref ReadOnlyMemory<byte> input, out ReadOnlyMemory<byte> line, out bool isCut)
    {
        Forget();
        while (input.Length > 0)
        {
            var end = input.Span.IndexOf(Newline);
            if (end < 0)
            {
                Keep(input.Span);
                input = default;
                break;
            }

            var last = input[..end];
            input = input[(end + 1)..];
            if (_length == 0)
            {
                if (last.Length == 0)
                {
                    continue;
                }

                (line, isCut) = (last[..int.Min(limit, last.Length)], last.Length > limit);
                return true;
            }

            Keep(last.Span);
            (line, isCut, _partialWasGiven) = (_partial.AsMemory(0, _length), _isCut, true);
            return true;
        }

        (line, isCut) = (default, false);
        return false;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var room = limit - _length;
        if (bytes.Length > room)
        {
            bytes = bytes[..room];
            _isCut = true;
        }

        if (bytes.Length == 0)
        {
            return;
        }

        var needed = _length + bytes.Length;
        if (_partial is null || _partial.Length < needed)
        {
            Array.Resize(ref _partial, int.Min(limit, int.Max(FirstRoom, int.Max(needed, (_partial?.Length ?? 0) * 2))));
        }

        bytes.CopyTo(_partial.AsSpan(_length));
        _length = needed;
    }

    private void Forget()
    {
        if (_partialWasGiven)
        {
            (_partial, _length, _isCut, _partialWasGiven) = (null, 0, false, false);
        }
    }
}
