using System.Collections.Immutable;

namespace Fleethold.Resources.Queries;

/// <summary>How a term compares. The numbers are those of the wire (reference/resources.md 1.5).</summary>
public enum LabelOperator
{
    /// <summary>The label is there.</summary>
    Exists = 0,

    /// <summary>The label has the value.</summary>
    Equal = 1,

    /// <summary>The label has one of the values.</summary>
    In = 3,

    /// <summary>The label's text sorts before the value (ordinal).</summary>
    LessThan = 4,

    /// <summary>The label's text is the value or sorts before it (ordinal).</summary>
    LessThanOrEqual = 5,

    /// <summary>The label's number, with its unit, is below the value.</summary>
    LessThanNumeric = 6,

    /// <summary>The label's number, with its unit, is the value or below it.</summary>
    LessThanOrEqualNumeric = 7,
}

/// <summary>One condition on the labels of a resource.</summary>
/// <param name="Key">The label.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">None for Exists, any number for In, one for the others.</param>
/// <param name="Invert">Negates the result; but a comparison with a missing label, or with what isn't a number, never matches.</param>
public sealed record LabelTerm(string Key, LabelOperator Operator, ImmutableArray<string> Values, bool Invert = false)
{
    /// <summary>Whether labels meet the condition (reference/resources.md 1.5).</summary>
    public bool Matches(StringMap labels) => throw new NotImplementedException();
}
