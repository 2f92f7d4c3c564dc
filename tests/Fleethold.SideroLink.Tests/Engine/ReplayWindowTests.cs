using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Tests.Engine;

public sealed class ReplayWindowTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 70)]
    [InlineData(3, 700)]
    [InlineData(4, 9_000)]
    [InlineData(5, 40_000)]
    public void It_agrees_with_a_set_of_all_counters_seen(int seed, int spread)
    {
        var random = new Random(seed);
        var window = new ReplayWindow();
        var seen = new HashSet<ulong>();
        var greatest = 0UL;
        for (var i = 0; i < 200_000; i++)
        {
            // Mostly near the front; at times a replay of anything, a jump, or a walk right along the edge of the window.
            var counter = random.Next(100) switch
            {
                < 80 => greatest + 1 + (ulong)random.Next(2),
                < 95 => greatest - Math.Min(greatest, (ulong)random.Next(spread)),
                < 98 => greatest - Math.Min(greatest, (ulong)random.Next(8120, 8136)),
                _ => greatest + (ulong)random.Next(spread),
            };
            var expected = (counter > greatest || greatest - counter <= ReplayWindow.Width) && seen.Add(counter);
            greatest = Math.Max(greatest, counter);
            Assert.True(expected == window.TryAccept(counter), $"seed {seed}, step {i}: {counter} with {greatest} as the greatest");
        }
    }

    [Fact]
    public void Packets_in_order_need_two_words_and_gaps_at_most_128()
    {
        var window = new ReplayWindow();
        for (var i = 0UL; i < 100_000; i++)
        {
            Assert.True(window.TryAccept(i));
        }

        Assert.Equal(2, window.Words);
        for (var i = 100_000UL; i < 200_000; i += 2)
        {
            Assert.True(window.TryAccept(i));
        }

        Assert.Equal(128, window.Words);
    }

    [Fact]
    public void Counters_at_the_very_end_are_refused()
    {
        var window = new ReplayWindow();
        Assert.False(window.TryAccept(ulong.MaxValue));
        Assert.False(window.TryAccept(ReplayWindow.Limit));
        Assert.True(window.TryAccept(ReplayWindow.Limit - 1));
        Assert.False(window.TryAccept(0));
    }
}
