using Fleethold.Resources.Queries;
using Fleethold.Resources.Wire;
using LabelTerm = Fleethold.Resources.Wire.LabelTerm;
using Operation = Fleethold.Resources.Wire.LabelTerm.Types.Operation;

namespace Fleethold.Resources.Tests.Wire;

public class LabelQueryCodecTests
{
    [Fact]
    public void An_unknown_operator_is_not_supported()
    {
        var fault = Read(new LabelTerm { Key = "a", Op = (Operation)42 }).Fault;

        Assert.Equal("unsupported label query operator: 42", Assert.IsType<Fault.Unsupported>(fault).Message);
    }

    [Theory]
    [InlineData(Operation.Equal)]
    [InlineData(Operation.Lt)]
    [InlineData(Operation.Lte)]
    [InlineData(Operation.LtNumeric)]
    [InlineData(Operation.LteNumeric)]
    public void A_comparison_without_a_value_is_invalid(Operation operation) =>
        Assert.IsType<Fault.Invalid>(Read(new LabelTerm { Key = "a", Op = operation }).Fault);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_old_operator_for_absence_is_rewritten(bool invert)
    {
        var query = Read(new LabelTerm { Key = "a", Op = Operation.NotExists, Invert = invert }).Value;

        Assert.Equal(new([new("a", LabelOperator.Exists, [], Invert: true)]), Assert.Single(query.Labels));
    }

    [Fact]
    public void Values_that_dont_count_are_dropped()
    {
        var query = Read(new LabelTerm { Key = "a", Op = Operation.Exists, Value = { "x" } }, new LabelTerm { Key = "a", Op = Operation.Equal, Value = { "b", "c" } }).Value;

        Assert.Equal(
            new([new("a", LabelOperator.Exists, []), new("a", LabelOperator.Equal, ["b"])]),
            Assert.Single(query.Labels));
    }

    [Fact]
    public void An_empty_list_of_values_is_a_list()
    {
        var query = Read(new LabelTerm { Key = "a", Op = Operation.In }).Value;

        Assert.Equal(new([new("a", LabelOperator.In, [])]), Assert.Single(query.Labels));
    }

    [Fact]
    public void An_empty_expression_is_no_filter_and_a_bad_one_is_invalid()
    {
        Assert.True(LabelQueryCodec.FromWire([], new IDQuery()).Value.IsAll);
        Assert.True(LabelQueryCodec.FromWire([], null).Value.IsAll);
        Assert.Equal("^a", LabelQueryCodec.FromWire([], new IDQuery { Regexp = "^a" }).Value.Id?.Pattern);
        var fault = LabelQueryCodec.FromWire([], new IDQuery { Regexp = "(" }).Fault;
        Assert.Equal("failed to compile regexp: error parsing regexp: missing closing ): `(`", Assert.IsType<Fault.Invalid>(fault).Message);
    }

    [Fact]
    public void Every_operator_survives_the_wire()
    {
        foreach (var op in Enum.GetValues<LabelOperator>())
        {
            Fleethold.Resources.Queries.LabelQuery query = new([new("a", op, op == LabelOperator.Exists ? [] : ["1"], Invert: true)]);

            Assert.Equal(query, LabelQueryCodec.FromWire(LabelQueryCodec.ToWire(query)).Value);
        }
    }

    private static Outcome<ResourceQuery> Read(params LabelTerm[] terms) =>
        LabelQueryCodec.FromWire([new Fleethold.Resources.Wire.LabelQuery { Terms = { terms } }], null);
}
