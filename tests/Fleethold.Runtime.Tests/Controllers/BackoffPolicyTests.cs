using Fleethold.Runtime.Controllers;

namespace Fleethold.Runtime.Tests.Controllers;

public class BackoffPolicyTests
{
    private static readonly BackoffPolicy Policy = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), Factor: 2, Jitter: 0.5);

    [Theory]
    [InlineData(1, 0.5, 1_000)]
    [InlineData(2, 0.5, 2_000)]
    [InlineData(4, 0.5, 8_000)]
    [InlineData(5, 0.5, 10_000)]
    [InlineData(int.MaxValue, 0.5, 10_000)]
    [InlineData(1, 0.0, 500)]
    [InlineData(1, 0.75, 1_250)]
    [InlineData(5, 0.0, 5_000)]
    public void Waits_grow_by_the_factor_up_to_the_bound_and_vary_by_the_jitter(int failures, double random, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Policy.Delay(failures, random));
}
