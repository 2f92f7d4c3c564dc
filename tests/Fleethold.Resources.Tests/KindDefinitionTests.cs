using Fleethold.Resources.Tests.Wire;
using Fleethold.Testing;

namespace Fleethold.Resources.Tests;

public class KindDefinitionTests
{
    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Definitions_are_upstreams_row_by_row()
    {
        using var vectors = Vectors.Json("resource-types.json");
        var rows = vectors.RootElement.EnumerateArray().ToDictionary(row => row.Text("type"));
        var problems = new List<string>();
        foreach (var (type, row) in rows)
        {
            if (Kinds.Find(type) is not { } kind)
            {
                problems.Add($"{type} is missing");
                continue;
            }

            var definition = KindDefinition.Of(kind);
            var spec = definition.Spec;
            Compare(type, "namespace", row.Text("namespace"), spec.DefaultNamespace);
            Compare(type, "id", row.Text("definitionId"), definition.Metadata.Id);
            Compare(type, "display type", row.Text("displayType"), spec.DisplayType);
            Compare(type, "aliases", Texts(row.GetProperty("aliases")), string.Join(' ', spec.Aliases));
            Compare(type, "all aliases", Texts(row.GetProperty("allAliases")), string.Join(' ', spec.AllAliases));
            Compare(type, "columns",
                string.Join(' ', row.GetProperty("printColumns").EnumerateArray().Select(column => $"{column.Text("name")}={column.Text("jsonPath")}")),
                string.Join(' ', spec.PrintColumns.Select(column => $"{column.Name}={column.JsonPath}")));
            Compare(type, "spec message", row.Text("specMessage"), kind.Spec?.FullName ?? "");
            Compare(type, "sensitivity", row.Text("sensitivity"), kind.Sensitivity == Sensitivity.Sensitive ? "sensitive" : "");
        }

        problems.AddRange(Kinds.All.Select(kind => kind.Type).Except(rows.Keys).Select(type => $"{type} is not upstream's"));
        EncodingVectors.None(problems);
        Assert.Equal(157, Kinds.All.Count);

        void Compare(string type, string what, string expected, string actual)
        {
            if (expected != actual)
                problems.Add($"{type}: {what}: expected <{expected}>, got <{actual}>");
        }

        static string Texts(System.Text.Json.JsonElement list) => string.Join(' ', list.EnumerateArray().Select(item => item.GetString()));
    }

    [Fact]
    public void A_definition_is_a_resource_of_meta_that_names_itself()
    {
        var definition = KindDefinition.Of(Kinds.ResourceDefinitions);

        Assert.Equal("resourcedefinitions.meta.cosi.dev", definition.Metadata.Id);
        Assert.Equal("meta", definition.Metadata.Namespace);
        Assert.Equal(["api-resources", "resourcedefinition", "rd", "rds"], definition.Spec.Aliases);
        Assert.Equal(Kinds.All.Count, KindDefinition.All().Select(each => each.Metadata.Id).Distinct().Count());
    }

    [Fact]
    public void The_namespaces_that_upstream_lists_are_there_in_its_order() => Assert.Equal(
        ["meta", "default", "ephemeral", "virtual", "external", "metrics", "infra-provider", "infra-provider-ephemeral"],
        KindDefinition.AllNamespaces().Select(each => each.Metadata.Id));
}
