using System.Collections.Immutable;

namespace Fleethold.Resources.Queries;

/// <summary>Terms that must all match. Without terms it matches everything.</summary>
/// <param name="Terms">The terms.</param>
public sealed record LabelQuery(ImmutableArray<LabelTerm> Terms)
{
    /// <summary>A query of one term: the label has the value.</summary>
    public static LabelQuery Equal(string key, string value) => new([new LabelTerm(key, LabelOperator.Equal, [value])]);

    /// <summary>A query of one term: the label is there.</summary>
    public static LabelQuery Exists(string key) => new([new LabelTerm(key, LabelOperator.Exists, [])]);

    /// <summary>Whether labels meet every term.</summary>
    public bool Matches(StringMap labels)
    {
        foreach (var term in Terms)
        {
            if (!term.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Which resources of a kind a list or a watch covers.</summary>
/// <param name="Labels">Any of these queries must match; none means all resources.</param>
/// <param name="Id">Must match the id, when given.</param>
public sealed record ResourceQuery(ImmutableArray<LabelQuery> Labels, IdQuery? Id = null)
{
    /// <summary>Everything.</summary>
    public static ResourceQuery All { get; } = new([]);

    /// <summary>Everything that one label query matches.</summary>
    public static ResourceQuery By(LabelQuery labels) => new([labels]);

    /// <summary>True when nothing is filtered out.</summary>
    public bool IsAll => Labels.IsEmpty && Id is null;

    /// <summary>Whether a resource is covered.</summary>
    public bool Matches(Metadata metadata)
    {
        if (Id is not null && !Id.Matches(metadata.Id))
        {
            return false;
        }

        foreach (var query in Labels)
        {
            if (query.Matches(metadata.Labels))
            {
                return true;
            }
        }

        return Labels.IsEmpty;
    }
}
