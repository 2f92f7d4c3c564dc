using System.Collections.Immutable;

namespace Fleethold.Resources.Queries;

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
