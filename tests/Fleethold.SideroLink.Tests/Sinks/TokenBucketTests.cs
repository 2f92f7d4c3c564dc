using Fleethold.SideroLink.Sinks;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.SideroLink.Tests.Sinks;

public class TokenBucketTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Without_a_rate_everything_is_granted() =>
        Assert.Equal(Admission.Granted, new TokenBucket(0, 10, _clock).Take(int.MaxValue));

    [Fact]
    public void The_burst_is_one_second_unless_it_is_set()
    {
        Assert.Equal(Admission.Granted, new TokenBucket(100, 0, _clock).Take(100));
        Assert.Equal(Admission.TooMuch, new TokenBucket(100, 0, _clock).Take(101));
        Assert.Equal(Admission.Granted, new TokenBucket(100, 250, _clock).Take(250));
    }

    [Fact]
    public void An_empty_bucket_fills_with_time_and_no_further_than_its_burst()
    {
        var bucket = new TokenBucket(100, 200, _clock);
        Assert.Equal(Admission.Granted, bucket.Take(200));
        Assert.Equal(Admission.TooFast, bucket.Take(1));
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(Admission.TooFast, bucket.Take(51));
        Assert.Equal(Admission.Granted, bucket.Take(50));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Admission.Granted, bucket.Take(200));
        Assert.Equal(Admission.TooFast, bucket.Take(1));
    }
}
