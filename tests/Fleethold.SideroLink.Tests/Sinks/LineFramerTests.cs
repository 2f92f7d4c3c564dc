using System.Text;
using Fleethold.SideroLink.Sinks;

namespace Fleethold.SideroLink.Tests.Sinks;

public class LineFramerTests
{
    [Fact]
    public void Lines_are_the_bytes_between_newlines_and_empty_ones_are_skipped() =>
        Assert.Equal(["a", " b\r", "\0c"], Lines(8, "\n\na\n b\r\n\n\0c\n"));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Pieces_of_any_size_give_the_same_lines(int size)
    {
        const string Text = "first\nsecond line\n\n\nx\nmuch longer than the limit is\nlast\n";
        var pieces = Text.Chunk(size).Select(chars => new string(chars)).ToArray();
        Assert.Equal(Lines(12, Text), Lines(12, pieces));
        Assert.Equal(["first", "second line", "x", "much longer ", "last"], Lines(12, pieces));
    }

    [Fact]
    public void What_has_no_newline_yet_is_kept_back() => Assert.Equal(["a"], Lines(8, "a\nb"));

    [Fact]
    public void A_line_of_exactly_the_limit_is_whole()
    {
        var framer = new LineFramer(4);
        ReadOnlyMemory<byte> input = "1234\n12345\n"u8.ToArray();
        Assert.True(framer.TryNext(ref input, out var whole, out var isCut));
        Assert.Equal("1234", Encoding.ASCII.GetString(whole.Span));
        Assert.False(isCut);
        Assert.True(framer.TryNext(ref input, out var cut, out isCut));
        Assert.Equal("1234", Encoding.ASCII.GetString(cut.Span));
        Assert.True(isCut);
        Assert.False(framer.TryNext(ref input, out _, out _));
    }

    [Fact]
    public void A_line_without_end_takes_no_more_memory_than_the_limit_and_none_is_held_between_lines()
    {
        var framer = new LineFramer(16 * 1024);
        var garbage = new byte[4096];
        for (var piece = 0; piece < 100; piece++)
        {
            ReadOnlyMemory<byte> input = garbage;
            Assert.False(framer.TryNext(ref input, out _, out _));
            Assert.True(framer.Held <= 16 * 1024);
        }

        ReadOnlyMemory<byte> end = "\nnext\n"u8.ToArray();
        Assert.True(framer.TryNext(ref end, out var line, out var isCut));
        Assert.Equal(16 * 1024, line.Length);
        Assert.True(isCut);
        Assert.True(framer.TryNext(ref end, out line, out isCut));
        Assert.Equal("next", Encoding.ASCII.GetString(line.Span));
        Assert.False(isCut);
        Assert.Equal(0, framer.Held);
    }

    private static List<string> Lines(int limit, params string[] pieces)
    {
        var framer = new LineFramer(limit);
        var lines = new List<string>();
        foreach (var piece in pieces)
        {
            ReadOnlyMemory<byte> input = Encoding.UTF8.GetBytes(piece);
            while (framer.TryNext(ref input, out var line, out _))
            {
                lines.Add(Encoding.UTF8.GetString(line.Span));
            }
        }

        return lines;
    }
}
