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

    /// <summary>The label's text sorts before the value (by code point).</summary>
    LessThan = 4,

    /// <summary>The label's text is the value or sorts before it (by code point).</summary>
    LessThanOrEqual = 5,

    /// <summary>The label's number, with its unit, is below the value.</summary>
    LessThanNumeric = 6,

    /// <summary>The label's number, with its unit, is the value or below it.</summary>
    LessThanOrEqualNumeric = 7,
}
