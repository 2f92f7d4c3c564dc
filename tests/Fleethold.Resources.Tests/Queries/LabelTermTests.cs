using System.Collections.Immutable;
using Fleethold.Resources.Queries;

namespace Fleethold.Resources.Tests.Queries;

public class LabelTermTests
{
    [Fact]
    public void Matching_doesnt_allocate()
    {
        var labels = StringMap.Of(("cores", "8"), ("mem", " 16 GiB "), ("name", "x"));
        var query = LabelSelector.Parse("name = x, cores > 4, mem >= 16 GiB, name in (w, x), !gone, cores").Value;
        Assert.True(query.Matches(labels));
        var before = GC.GetAllocatedBytesForCurrentThread();

        query.Matches(labels);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(LabelOperator.LessThan)]
    [InlineData(LabelOperator.LessThanOrEqual)]
    public void Text_is_compared_by_code_point_as_the_bytes_on_the_wire_are(LabelOperator comparison)
    {
        var term = new LabelTerm("a", comparison, ["😀"]);

        Assert.True(term.Matches(StringMap.Of(("a", "\uFFFD"))));
        Assert.False(new LabelTerm("a", comparison, ["\uFFFD"]).Matches(StringMap.Of(("a", "😀"))));
        Assert.True(term.Matches(StringMap.Of(("a", "a"))));
        Assert.Equal(comparison == LabelOperator.LessThanOrEqual, term.Matches(StringMap.Of(("a", "😀"))));
    }

    [Theory]
    [InlineData(LabelOperator.LessThan)]
    [InlineData(LabelOperator.LessThanOrEqualNumeric)]
    [InlineData(LabelOperator.LessThanNumeric)]
    public void A_comparison_with_a_missing_label_never_matches_not_even_inverted(LabelOperator comparison)
    {
        Assert.False(new LabelTerm("a", comparison, ["1"]).Matches(StringMap.Empty));
        Assert.False(new LabelTerm("a", comparison, ["1"], Invert: true).Matches(StringMap.Empty));
        Assert.False(new LabelTerm("a", comparison, [], Invert: true).Matches(StringMap.Empty));
    }

    [Fact]
    public void Many_values_are_found_and_a_copy_with_other_values_finds_those()
    {
        ImmutableArray<string> many = [.. Enumerable.Range(0, 100).Select(number => $"v{number}")];
        var term = new LabelTerm("a", LabelOperator.In, many);
        Assert.True(term.Matches(StringMap.Of(("a", "v99"))));
        Assert.False(term.Matches(StringMap.Of(("a", "v100"))));

        var copy = term with { Values = many.SetItem(99, "v100") };

        Assert.False(copy.Matches(StringMap.Of(("a", "v99"))));
        Assert.True(copy.Matches(StringMap.Of(("a", "v100"))));
    }

    [Fact]
    public void Terms_are_equal_by_content_and_absent_values_are_no_values()
    {
        Assert.Equal(new LabelTerm("a", LabelOperator.In, ["x", "y"]), new LabelTerm("a", LabelOperator.In, ["x", "y"]));
        Assert.NotEqual(new LabelTerm("a", LabelOperator.In, ["x", "y"]), new LabelTerm("a", LabelOperator.In, ["y", "x"]));
        Assert.Equal(LabelQuery.Exists("a"), new LabelQuery([new LabelTerm("a", LabelOperator.Exists, default)]));
        Assert.Equal(LabelQuery.Equal("a", "b").GetHashCode(), LabelQuery.Equal("a", "b").GetHashCode());
    }
}
