using Fleethold.Cli.Commands;

namespace Fleethold.Cli.Tests.Commands;

public class TimeToLiveTests
{
    [Theory]
    [InlineData("0", "0s")]
    [InlineData("48h", "48h0m0s")]
    [InlineData("1h30m", "1h30m0s")]
    [InlineData("90s", "1m30s")]
    [InlineData("1.5s", "1.5s")]
    [InlineData("1500ms", "1.5s")]
    [InlineData("30m", "30m0s")]
    public void Times_are_read_and_shown_as_omnictl_does(string text, string shown) => Assert.Equal(shown, TimeToLive.Format(TimeToLive.Parse(text)));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("h")]
    [InlineData("-1h")]
    [InlineData("1d")]
    [InlineData("1h ")]
    [InlineData("1..5h")]
    [InlineData("99999999999999h")]
    [InlineData("99999999999999999999999999999999999999h")]
    public void What_is_no_time_is_refused_with_the_form(string text) =>
        Assert.Contains("24h", Assert.Throws<CommandFailure>(() => TimeToLive.Parse(text)).Message, StringComparison.Ordinal);
}
