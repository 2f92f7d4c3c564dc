using Fleethold.Cli.Documents;

namespace Fleethold.Cli.Tests.Documents;

public class YamlValueTests
{
    [Theory]
    [InlineData("64", "64")]
    [InlineData("-3", "-3")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("0x1f", "31")]
    [InlineData("0o7", "7")]
    [InlineData("017", "15")]
    [InlineData("0b101", "5")]
    [InlineData("1_000", "1000")]
    [InlineData("1.5", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("1e21", "1e+21")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("12345678901234567.0", "12345678901234568")]
    [InlineData("", "null")]
    [InlineData("~", "null")]
    [InlineData("true", "true")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("on", "\"on\"")]
    [InlineData("'64'", "\"64\"")]
    [InlineData("!!str 64", "\"64\"")]
    [InlineData("64GiB", "\"64GiB\"")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("fdae:41e4::1", "\"fdae:41e4::1\"")]
    [InlineData("2026-01-01", "\"2026-01-01T00:00:00Z\"")]
    [InlineData("2026-11-23T13:46:53Z", "\"2026-11-23T13:46:53Z\"")]
    [InlineData("[]", "[]")]
    [InlineData("{}", "{}")]
    [InlineData("\"<&>\\u2028\\t\\u0001é😀\"", "\"\\u003c\\u0026\\u003e\\u2028\\t\\u0001é😀\"")]
    public void Plain_scalars_get_the_types_that_JSON_shows(string yaml, string json) =>
        Assert.Equal("{\"a\":" + json + "}", JsonText.Compact(YamlValue.Read($"a: {yaml}\n")));

    [Fact]
    public void Indented_JSON_has_sorted_keys_and_four_blanks() => Assert.Equal(
        "{\n    \"a\": [\n        1,\n        {}\n    ],\n    \"b\": []\n}",
        JsonText.Indented(YamlValue.Read("b: []\na: [1, {}]\n")));

    [Fact]
    public void A_text_nested_without_end_is_refused() =>
        Assert.ThrowsAny<YamlDotNet.Core.YamlException>(() => YamlValue.Read(new string('[', 100_000)));
}
