using Fleethold.Cli.Documents;
using Fleethold.Resources.Wire;
using Fleethold.Testing;

namespace Fleethold.Cli.Tests.Documents;

[Trait("Category", Vectors.Category)]
public class ResourceTextTests
{
    [Fact]
    public void Every_recorded_resource_is_shown_as_omnictl_shows_it()
    {
        using var vectors = Vectors.Json("misc/resource-encoding.json");
        var cases = new[] { "cases", "metadata" }.SelectMany(name => vectors.RootElement.GetProperty(name).EnumerateArray()).ToArray();

        Assert.NotEmpty(cases);
        Assert.All(cases, one => Assert.Equal(
            one.GetProperty("getYaml").GetString(),
            ResourceText.Yaml(Resource.Parser.ParseFrom(one.GetProperty("resourceBytes").GetBytesFromBase64()))));
    }

    [Fact]
    public void Every_recorded_document_can_be_written_as_JSON()
    {
        using var vectors = Vectors.Json("misc/resource-encoding.json");

        Assert.All(vectors.RootElement.GetProperty("cases").EnumerateArray(), one =>
        {
            var document = ResourceText.Document(Resource.Parser.ParseFrom(one.GetProperty("resourceBytes").GetBytesFromBase64()));
            using var json = System.Text.Json.JsonDocument.Parse(JsonText.Indented(document));

            Assert.Equal(one.GetProperty("type").GetString(), json.RootElement.GetProperty("metadata").GetProperty("type").GetString());
        });
    }
}
