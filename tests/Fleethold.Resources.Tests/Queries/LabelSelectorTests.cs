using Fleethold.Resources.Queries;

namespace Fleethold.Resources.Tests.Queries;

public class LabelSelectorTests
{
    [Theory]
    [InlineData("", "a = \"\"")]
    [InlineData("b c", "a = b c")]
    [InlineData(" b", "a = \" b\"")]
    [InlineData("b\"\\", "a = \"b\\\"\\\\\"")]
    [InlineData("4 GiB", "a = 4 GiB")]
    [InlineData("x,y", "a = \"x,y\"")]
    [InlineData("in", "a = in")]
    [InlineData("n\0", "a = \"n\0\"")]
    public void Values_are_quoted_where_they_must_be(string value, string text)
    {
        var query = LabelQuery.Equal("a", value);

        Assert.Equal(text, query.ToString());
        Assert.Equal(query, LabelSelector.Parse(text).Value);
    }

    [Theory]
    [InlineData("in", "\"in\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("", "\"\"")]
    public void Keys_are_quoted_where_they_must_be(string key, string text)
    {
        LabelQuery query = new([new(key, LabelOperator.In, ["x"]), new(key, LabelOperator.Exists, [], Invert: true)]);

        Assert.Equal($"{text} in (x), !{text}", query.ToString());
        Assert.Equal(query, LabelSelector.Parse(query.ToString()).Value);
    }

    [Theory]
    [InlineData(LabelOperator.LessThan, "b", "a lt b")]
    [InlineData(LabelOperator.LessThanOrEqual, "b", "a lte b")]
    [InlineData(LabelOperator.Equal, null, "a = ()")]
    [InlineData(LabelOperator.In, null, "a in nothing")]
    public void What_has_no_text_form_is_shown_as_something_that_cant_be_read_as_another_query(LabelOperator op, string? value, string text)
    {
        var term = new LabelTerm("a", op, value is null ? [] : [value]);

        Assert.Equal(text, term.ToString());
        Assert.IsType<Fault.Invalid>(LabelSelector.Parse(text).Fault);
    }

    [Fact]
    public void A_selector_that_is_too_long_is_refused_with_the_limit()
    {
        var fault = LabelSelector.Parse(new string('a', LabelSelector.MaxLength + 1)).Fault;

        Assert.Contains("65536", Assert.IsType<Fault.Invalid>(fault).Message, StringComparison.Ordinal);
        Assert.Null(LabelSelector.Parse(new string('a', LabelSelector.MaxLength)).Fault);
    }
}
