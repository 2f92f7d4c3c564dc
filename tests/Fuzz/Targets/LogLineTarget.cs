using System.Text;
using Fleethold.SideroLink.Sinks;

namespace Fleethold.Fuzz.Targets;

/// <summary>
/// The framing of log lines: however the bytes are cut into pieces, the lines are those between newlines, without the empty ones and without
/// the last one that has no end, each cut at the limit, and no more than the limit is held. The first byte of the input says how it is cut.
/// </summary>
internal sealed class LogLineTarget : IFuzzTarget
{
    private const int Limit = 48;

    public string Name => "log-line";

    public IReadOnlyList<string> Words { get; } = ["\n", "\n\n", "\r\n", "{\"msg\":\"", "\"}\n", new('x', Limit), new('x', Limit + 1), "\0"];

    public IEnumerable<byte[]> Seeds => new[] { "\u0001a\nb\n\nc", "\u0007{\"msg\":\"[talos] up\",\"seq\":1}\n{\"msg\":\"\"}\n", "\0\n\n\n" }.Select(Encoding.UTF8.GetBytes);

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        var size = input[0] + 1;
        var bytes = input[1..].ToArray();
        var framer = new LineFramer(Limit);
        var start = 0;
        for (var at = 0; at < bytes.Length; at += size)
        {
            ReadOnlyMemory<byte> piece = bytes.AsMemory(at, int.Min(size, bytes.Length - at));
            while (framer.TryNext(ref piece, out var line, out var isCut))
            {
                var expected = NextLine(bytes, ref start);
                if (!line.Span.SequenceEqual(expected[..int.Min(Limit, expected.Length)]))
                {
                    throw new InvalidOperationException($"expected <{Convert.ToHexString(expected)}>, got <{Convert.ToHexString(line.Span)}>");
                }

                Check.Same(expected.Length > Limit, isCut);
            }

            if (framer.Held > Limit)
            {
                throw new InvalidOperationException($"{framer.Held} bytes are held");
            }
        }

        Check.Same(0, NextLine(bytes, ref start).Length);
    }

    /// <summary>The next line that isn't empty; empty when there is none.</summary>
    private static ReadOnlySpan<byte> NextLine(byte[] bytes, ref int start)
    {
        while (bytes.AsSpan(start).IndexOf((byte)'\n') is >= 0 and var length)
        {
            var line = bytes.AsSpan(start, length);
            start += length + 1;
            if (length > 0)
            {
                return line;
            }
        }

        return [];
    }
}
