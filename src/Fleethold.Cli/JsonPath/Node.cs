using System.Collections.Immutable;

namespace Fleethold.Cli.JsonPath;

/// <summary>A piece of a parsed template.</summary>
internal abstract record Node
{
    /// <summary>Text that stands for itself, outside braces or quoted inside them.</summary>
    internal sealed record Text(string Value) : Node;

    /// <summary>A number or a truth value, as it occurs in filters.</summary>
    internal sealed record Literal(object Value) : Node;

    /// <summary>Steps that select values.</summary>
    internal sealed record Path(ImmutableArray<Step> Steps) : Node;

    /// <summary>What stands between range and end, once for each selected value.</summary>
    internal sealed record Range(ImmutableArray<Step> Over, ImmutableArray<Node> Body) : Node;
}

/// <summary>One step of a path, from values to values.</summary>
internal abstract record Step
{
    /// <summary>The value of a key.</summary>
    internal sealed record Field(string Name) : Step;

    /// <summary>All members of lists and maps.</summary>
    internal sealed record Wildcard : Step;

    /// <summary>The value and everything below it.</summary>
    internal sealed record Recursive : Step;

    /// <summary>One member of a list; a negative index counts from the end.</summary>
    internal sealed record Index(int Position) : Step;

    /// <summary>A part of a list; what isn't given is null.</summary>
    internal sealed record Slice(int? From, int? To, int? By) : Step;

    /// <summary>The results of several paths, one after the other.</summary>
    internal sealed record Union(ImmutableArray<ImmutableArray<Step>> Paths) : Step;

    /// <summary>The members of a list for which a comparison holds; without an operator those in which the left side is there.</summary>
    internal sealed record Filter(Node Left, string Operator, Node? Right) : Step;
}
