using System.Collections.Immutable;

namespace Fleethold.Resources.Queries;

/// <summary>Terms that must all match. Without terms it matches everything. Equality is by content.</summary>
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

    /// <inheritdoc/>
    public bool Equals(LabelQuery? other) => other is not null && Terms.AsSpan().SequenceEqual(other.Terms.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var term in Terms)
        {
            hash.Add(term);
        }

        return hash.ToHashCode();
    }

    /// <summary>The text form, as <see cref="LabelSelector.Format(LabelQuery)"/> gives it.</summary>
    public override string ToString() => LabelSelector.Format(this);
}
