using System.Collections.Immutable;
using Fleethold.Resources.Queries;

namespace Fleethold.Resources.Wire;

/// <summary>Between the query messages of the COSI state API and our queries (reference/resources.md 1.5 and 1.6).</summary>
public static class LabelQueryCodec
{
    /// <summary>
    /// What a list or a watch asks for. Faults: <see cref="Fault.Unsupported"/> for an unknown operator, <see cref="Fault.Invalid"/> for a
    /// term that lacks its value and for a bad regular expression. An empty expression is no filter.
    /// </summary>
    public static Outcome<ResourceQuery> FromWire(IReadOnlyCollection<LabelQuery> labels, IDQuery? id)
    {
        var queries = ImmutableArray.CreateBuilder<Queries.LabelQuery>(labels.Count);
        foreach (var message in labels)
        {
            if (!FromWire(message).Succeeded(out var query, out var fault))
            {
                return fault;
            }

            queries.Add(query);
        }

        if (id is null || id.Regexp.Length == 0)
        {
            return new ResourceQuery(queries.MoveToImmutable());
        }

        return IdQuery.Compile(id.Regexp).Succeeded(out var expression, out var problem)
            ? new ResourceQuery(queries.MoveToImmutable(), expression)
            : new Fault.Invalid($"failed to compile regexp: {problem.Message}");
    }

    /// <summary>One query; its faults are those of its terms.</summary>
    public static Outcome<Queries.LabelQuery> FromWire(LabelQuery message)
    {
        var terms = ImmutableArray.CreateBuilder<Queries.LabelTerm>(message.Terms.Count);
        foreach (var term in message.Terms)
        {
            if (!FromWire(term).Succeeded(out var read, out var fault))
            {
                return fault;
            }

            terms.Add(read);
        }

        return new Queries.LabelQuery(terms.MoveToImmutable());
    }

    /// <summary>
    /// One term. The old operator NOT_EXISTS becomes an inverted Exists. The original server crashes on a missing value; we answer with
    /// <see cref="Fault.Invalid"/>. Values that don't count are dropped.
    /// </summary>
    public static Outcome<Queries.LabelTerm> FromWire(LabelTerm message)
    {
        switch (message.Op)
        {
            case LabelTerm.Types.Operation.Exists:
                return new Queries.LabelTerm(message.Key, LabelOperator.Exists, [], message.Invert);
            case LabelTerm.Types.Operation.NotExists:
                return new Queries.LabelTerm(message.Key, LabelOperator.Exists, [], Invert: true);
            case LabelTerm.Types.Operation.In:
                return new Queries.LabelTerm(message.Key, LabelOperator.In, [.. message.Value], message.Invert);
            case LabelTerm.Types.Operation.Equal:
            case >= LabelTerm.Types.Operation.Lt and <= LabelTerm.Types.Operation.LteNumeric:
                return message.Value.Count > 0
                    ? new Queries.LabelTerm(message.Key, (LabelOperator)message.Op, [message.Value[0]], message.Invert)
                    : new Fault.Invalid($"label query term for \"{message.Key}\" has no value to compare with: send one value");
            default:
                return new Fault.Unsupported($"unsupported label query operator: {(int)message.Op}");
        }
    }

    /// <summary>The message of one query.</summary>
    public static LabelQuery ToWire(Queries.LabelQuery query) => new() { Terms = { query.Terms.Select(ToWire) } };

    /// <summary>The message of an id query; null when there is none.</summary>
    public static IDQuery? ToWire(IdQuery? query) => query is null ? null : new IDQuery { Regexp = query.Pattern };

    private static LabelTerm ToWire(Queries.LabelTerm term) => new()
    {
        Key = term.Key,
        Op = (LabelTerm.Types.Operation)term.Operator,
        Value = { term.Values },
        Invert = term.Invert,
    };
}
