using System.Collections.Immutable;
using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Server.Api;

/// <summary>Reads label and id queries from the wire (reference/resources.md 1.5 and 1.6).</summary>
internal static class WireQueries
{
    /// <summary>The query; <see cref="Fault.Unsupported"/> for an operator nobody knows, <see cref="Fault.Invalid"/> for what can't be evaluated.</summary>
    public static Outcome<ResourceQuery> Read(IReadOnlyList<Wire.LabelQuery> labels, Wire.IDQuery? id)
    {
        if (labels.Count == 0 && (id is null || id.Regexp.Length == 0))
        {
            return ResourceQuery.All;
        }

        var queries = ImmutableArray.CreateBuilder<LabelQuery>(labels.Count);
        foreach (var query in labels)
        {
            var terms = ImmutableArray.CreateBuilder<LabelTerm>(query.Terms.Count);
            foreach (var term in query.Terms)
            {
                if (!Read(term).Succeeded(out var read, out var fault))
                {
                    return fault;
                }

                terms.Add(read);
            }

            queries.Add(new LabelQuery(terms.MoveToImmutable()));
        }

        IdQuery? compiled = null;
        if (id is not null && id.Regexp.Length > 0 && !IdQuery.Compile(id.Regexp).Succeeded(out compiled, out var broken))
        {
            return broken;
        }

        return new ResourceQuery(queries.MoveToImmutable(), compiled);
    }

    private static Outcome<LabelTerm> Read(Wire.LabelTerm term)
    {
        var invert = term.Invert;
        LabelOperator compare;
        switch (term.Op)
        {
            case Wire.LabelTerm.Types.Operation.NotExists:
                (compare, invert) = (LabelOperator.Exists, true);
                break;
            case >= Wire.LabelTerm.Types.Operation.Exists and <= Wire.LabelTerm.Types.Operation.LteNumeric:
                compare = (LabelOperator)term.Op;
                break;
            default:
                return new Fault.Unsupported($"unsupported label query operator: {(int)term.Op}");
        }

        if (compare is not (LabelOperator.Exists or LabelOperator.In) && term.Value.Count == 0)
        {
            return new Fault.Invalid($"the label query on \"{term.Key}\" compares with no value");
        }

        return new LabelTerm(term.Key, compare, [.. term.Value], invert);
    }
}
