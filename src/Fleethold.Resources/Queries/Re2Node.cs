namespace Fleethold.Resources.Queries;

/// <summary>A position that an expression can ask for.</summary>
internal enum Re2Place
{
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordEdge,
    NoWordEdge,
}

/// <summary>
/// A part of a parsed expression. Only whether an expression matches counts here, never what or how long, so groups don't capture and
/// nothing is lazy.
/// </summary>
/// <param name="Size">Letters and operators after writing out all counts.</param>
/// <param name="Product">The highest product of counts within counts.</param>
internal abstract record Re2Node(long Size, int Product)
{
    /// <summary>One code point of a set.</summary>
    public sealed record Letter(CodePointSet Set) : Re2Node(1, 1);

    public sealed record At(Re2Place Place) : Re2Node(1, 1);

    public sealed record Sequence(Re2Node[] Parts) : Re2Node(1 + Parts.Sum(part => part.Size), Parts.Select(part => part.Product).Append(1).Max());

    public sealed record Choice(Re2Node[] Options) : Re2Node(Options.Sum(option => option.Size), Options.Max(option => option.Product));

    /// <summary>At least <paramref name="Min"/> times, at most <paramref name="Max"/> times or, when that is negative, any number.</summary>
    public sealed record Repeat(Re2Node Part, int Min, int Max, long Size, int Product) : Re2Node(Size, Product);
}
