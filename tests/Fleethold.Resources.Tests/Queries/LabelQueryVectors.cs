using System.Text.Json;
using Fleethold.Resources.Queries;
using Fleethold.Resources.Wire;
using Fleethold.Testing;
using LabelQuery = Fleethold.Resources.Queries.LabelQuery;
using LabelTerm = Fleethold.Resources.Queries.LabelTerm;

namespace Fleethold.Resources.Tests.Queries;

/// <summary>The recorded queries of misc/label-queries.json; each test collects every case that differs.</summary>
[Trait("Category", Vectors.Category)]
public class LabelQueryVectors
{
    private static JsonElement File => field.ValueKind == JsonValueKind.Undefined
        ? field = Vectors.Json("misc/label-queries.json").RootElement
        : field;

    private static StringMap[] LabelSets => [.. File.GetProperty("labelSets").EnumerateArray()
        .Select(set => StringMap.From(set.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, pair.Value.GetString()!))))];

    [Fact]
    public void Every_selector_text_has_the_terms_the_matches_or_the_error_of_the_original() => Compare("queries", 158, item =>
    {
        var outcome = LabelSelector.Parse(item.GetProperty("text").GetString()!);
        return outcome.Succeeded(out var query, out var fault)
            ? (Terms(query), Matches(query.Matches), null)
            : (null, null, Assert.IsType<Fault.Invalid>(fault).Message);
    });

    [Fact]
    public void Every_selector_text_survives_being_formatted() => Compare("queries", 158, item =>
    {
        var outcome = LabelSelector.Parse(item.GetProperty("text").GetString()!);
        if (!outcome.Succeeded(out var query, out var fault))
        {
            return (null, null, fault.Message);
        }

        var again = LabelSelector.Parse(query.ToString()).Value;
        Assert.Equal(query, again);
        return (Terms(again), Matches(again.Matches), null);
    });

    [Fact]
    public void Every_selector_survives_the_wire() => Compare("queries", 158, item =>
    {
        if (!LabelSelector.Parse(item.GetProperty("text").GetString()!).Succeeded(out var query, out var fault))
        {
            return (null, null, fault.Message);
        }

        var message = Resources.Wire.LabelQuery.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(LabelQueryCodec.ToWire(query)));
        var again = LabelQueryCodec.FromWire(message).Value;
        Assert.Equal(query, again);
        return (Terms(again), Matches(again.Matches), null);
    });

    [Fact]
    public void Terms_sent_directly_match_what_they_match_in_the_original()
    {
        var cases = File.GetProperty("rawTerms").EnumerateArray().ToList();
        Assert.Equal(17, cases.Count);
        foreach (var item in cases)
        {
            var source = item.GetProperty("term");
            var term = new LabelTerm(
                source.GetProperty("key").GetString()!,
                Operator(source.GetProperty("op").GetString()!),
                [.. Strings(source.GetProperty("value"))],
                source.GetProperty("invert").GetBoolean());

            Assert.True(Numbers(item.GetProperty("matches")).SequenceEqual(Matches(term.Matches)), $"{source}: [{string.Join(", ", Matches(term.Matches))}]");
        }
    }

    [Fact]
    public void Header_values_are_split_at_semicolons()
    {
        foreach (var item in File.GetProperty("selectorHeader").EnumerateArray())
        {
            var expected = Strings(item.GetProperty("selectors")).Select(LabelSelector.Parse).ToList();
            var outcome = LabelSelector.ParseHeader(Strings(item.GetProperty("headerValues")));

            if (expected.FirstOrDefault(one => one.Fault is not null).Fault is { } fault)
            {
                Assert.Equal(fault, outcome.Fault);
            }
            else
            {
                Assert.Equal(expected.Select(one => one.Value), outcome.Value);
            }
        }
    }

    [Fact]
    public void Of_several_selectors_any_may_match() => Compare("severalSelectors", 8, item =>
    {
        var outcome = LabelSelector.ParseHeader(Strings(item.GetProperty("selectors")));
        if (!outcome.Succeeded(out var queries, out var fault))
        {
            return (null, null, $"rpc error: code = InvalidArgument desc = {fault.Message}");
        }

        var query = new ResourceQuery(queries);
        return (
            $"[{string.Join(",", queries.Select(Terms))}]",
            Matches(labels => query.Matches(new Metadata(new ResourceRef("default", "T", "id")) { Labels = labels })),
            null);
    });

    [Fact]
    public void Every_regular_expression_matches_the_ids_that_it_matches_in_the_original()
    {
        var ids = Strings(File.GetProperty("idQueries").GetProperty("ids")).ToList();
        var differences = new List<string>();
        foreach (var item in File.GetProperty("idQueries").GetProperty("cases").EnumerateArray())
        {
            var regexp = item.GetProperty("regexp").GetString()!;
            var actual = IdQuery.Compile(regexp).Succeeded(out var query, out var fault)
                ? string.Join(" ", ids.Where(query.Matches))
                : fault.Message;
            var expected = item.GetProperty("error").GetString() ?? string.Join(" ", Strings(item.GetProperty("matches")));
            if (actual != expected)
            {
                differences.Add($"{regexp}: expected {expected}, got {actual}");
            }
        }

        Assert.Empty(differences);
    }

    private static void Compare(string section, int count, Func<JsonElement, (string? Terms, int[]? Matches, string? Error)> run)
    {
        var cases = File.GetProperty(section).EnumerateArray().ToList();
        var differences = new List<string>();
        foreach (var item in cases)
        {
            var (terms, matches, error) = run(item);
            var expected = (
                item.TryGetProperty("terms", out var list) ? Terms(list) : null,
                item.TryGetProperty("matches", out var indexes) ? string.Join(",", Numbers(indexes)) : null,
                item.GetProperty("error").GetString());
            var actual = (terms, matches is null ? null : string.Join(",", matches), error);
            if (actual != expected)
            {
                differences.Add($"{item}\n  got {actual}");
            }
        }

        Assert.Empty(differences);
        Assert.Equal(count, cases.Count);
    }

    private static string Terms(JsonElement terms) => $"[{string.Join(",", terms.EnumerateArray().Select(term =>
        term.ValueKind == JsonValueKind.Array
            ? Terms(term)
            : Term(term.GetProperty("key").GetString()!, Operator(term.GetProperty("op").GetString()!), Strings(term.GetProperty("value")), term.GetProperty("invert").GetBoolean())))}]";

    private static string Terms(LabelQuery query) =>
        $"[{string.Join(",", query.Terms.Select(term => Term(term.Key, term.Operator, term.Values, term.Invert)))}]";

    private static string Term(string key, LabelOperator op, IEnumerable<string> values, bool invert) =>
        $"{key}|{op}|{string.Join("/", values)}|{values.Count()}|{invert}";

    private static LabelOperator Operator(string name) => name switch
    {
        "EXISTS" => LabelOperator.Exists,
        "EQUAL" => LabelOperator.Equal,
        "IN" => LabelOperator.In,
        "LT" => LabelOperator.LessThan,
        "LTE" => LabelOperator.LessThanOrEqual,
        "LT_NUMERIC" => LabelOperator.LessThanNumeric,
        "LTE_NUMERIC" => LabelOperator.LessThanOrEqualNumeric,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    private static int[] Matches(Func<StringMap, bool> matches) =>
        [.. LabelSets.Index().Where(set => matches(set.Item)).Select(set => set.Index)];

    private static IEnumerable<string> Strings(JsonElement array) => array.EnumerateArray().Select(item => item.GetString()!);

    private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];
}
