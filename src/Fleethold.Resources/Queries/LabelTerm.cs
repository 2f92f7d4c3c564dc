using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Fleethold.Resources.Queries;

/// <summary>One condition on the labels of a resource. Equality is by content.</summary>
/// <param name="Key">The label.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">None for Exists, any number for In, one for the others (further ones don't count).</param>
/// <param name="Invert">Negates the result; but a comparison with a missing label, or with what isn't a number, never matches.</param>
public sealed record LabelTerm(string Key, LabelOperator Operator, ImmutableArray<string> Values, bool Invert = false)
{
    // Above this many values a hash set beats a scan.
    private const int ScanLimit = 16;

    private readonly ImmutableArray<string> _values = Values.IsDefault ? [] : Values;
    private FrozenSet<string>? _valueSet;

    /// <summary>None for Exists, any number for In, one for the others (further ones don't count).</summary>
    public ImmutableArray<string> Values
    {
        get => _values;
        init => (_values, _valueSet) = (value.IsDefault ? [] : value, null);
    }

    /// <summary>
    /// Whether labels meet the condition (reference/resources.md 1.5). A term that should have a value and has none never matches,
    /// so its inversion does (for comparisons only where the label is there); the wire refuses such terms.
    /// </summary>
    public bool Matches(StringMap labels)
    {
        var present = labels.TryGetValue(Key, out var label);
        switch (Operator)
        {
            case LabelOperator.Exists:
                return present != Invert;
            case LabelOperator.Equal:
                return (present && _values.Length > 0 && label == _values[0]) != Invert;
            case LabelOperator.In:
                return (present && Contains(label!)) != Invert;
        }

        if (!present)
        {
            return false;
        }

        if (_values.Length == 0)
        {
            return Invert;
        }

        return Operator switch
        {
            LabelOperator.LessThan => (CodePointOrder.Compare(label, _values[0]) < 0) != Invert,
            LabelOperator.LessThanOrEqual => (CodePointOrder.Compare(label, _values[0]) <= 0) != Invert,
            LabelOperator.LessThanNumeric => LabelNumber.TryParse(label, out var number)
                && LabelNumber.TryParse(_values[0], out var limit) && (number < limit) != Invert,
            LabelOperator.LessThanOrEqualNumeric => LabelNumber.TryParse(label, out var number)
                && LabelNumber.TryParse(_values[0], out var limit) && (number <= limit) != Invert,
            _ => false,
        };
    }

    /// <inheritdoc/>
    public bool Equals(LabelTerm? other) =>
        other is not null
        && Key == other.Key
        && Operator == other.Operator
        && Invert == other.Invert
        && _values.AsSpan().SequenceEqual(other._values.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Key, Operator, Invert, _values.Length, _values.Length > 0 ? _values[0] : null);

    /// <summary>The text form, as <see cref="LabelSelector.Format(LabelTerm)"/> gives it.</summary>
    public override string ToString() => LabelSelector.Format(this);

    private bool Contains(string label)
    {
        if (_values.Length > ScanLimit)
        {
            return (_valueSet ??= _values.ToFrozenSet(StringComparer.Ordinal)).Contains(label);
        }

        foreach (var value in _values)
        {
            if (value == label)
            {
                return true;
            }
        }

        return false;
    }
}
