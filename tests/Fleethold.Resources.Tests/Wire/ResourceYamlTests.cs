using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;

namespace Fleethold.Resources.Tests.Wire;

public class ResourceYamlTests
{
    private const string Head = "metadata:\n  namespace: default\n  type: Clusters.omni.sidero.dev\n  id: c1\n";

    [Fact]
    public void What_is_left_out_of_the_metadata_has_a_default_and_values_are_taken_by_their_letters()
    {
        var resource = ResourceYaml.Parse(Head.Replace("id: c1", "id: 0x1f") + "  labels:\n    a: true\n    b:\nspec:\n  talosversion: 1.10\n").Value.Single();

        Assert.Equal("0x1f", resource.Metadata.Id);
        Assert.Equal(ResourceVersion.Undefined, resource.Metadata.Version);
        Assert.Equal(Phase.Running, resource.Metadata.Phase);
        Assert.Equal(StringMap.Of(("a", "true"), ("b", "")), resource.Metadata.Labels);
        Assert.Equal("1.10", ((Resource<ClusterSpec>)resource).Spec.TalosVersion);
    }

    [Fact]
    public void Several_documents_are_several_resources_and_empty_ones_are_none()
    {
        var text = Head + "spec: {}\n---\n# nothing here\n---\n" + Head.Replace("c1", "c2") + "spec:\n";

        Assert.Equal(["c1", "c2"], ResourceYaml.Parse(text).Value.Select(resource => resource.Metadata.Id));
        Assert.Empty(ResourceYaml.Parse("").Value);
    }

    [Theory]
    [InlineData("spec:\n  talosverion: 1\n", "6:3: spec has no field \"talosverion\"; it has kubernetesversion, talosversion")]
    [InlineData("spec:\n  features: 1\n", "6:13: spec.features must be a mapping")]
    [InlineData("spec:\n  features:\n    diskencryption: 3\n", "7:21: spec.features.diskencryption must be true or false, not \"3\"")]
    [InlineData("spec:\n  backupconfiguration:\n    interval:\n      seconds: soon\n", "8:16: spec.backupconfiguration.interval.seconds must be a whole number")]
    [InlineData("spec:\n  talosversion: 1\n  talosversion: 2\n", "7:3: ")]
    [InlineData("spec: &a\n  talosversion: *a\n", "6:17: aliases aren't accepted")]
    [InlineData("spec: []\n", "5:7: spec must be a mapping")]
    [InlineData("other: {}\nspec: {}\n", "5:1: a resource has the keys metadata and spec, not \"other\"")]
    [InlineData("", "1:1: spec is missing")]
    [InlineData("spec: {\n", "")]
    public void What_is_wrong_is_said_with_its_place(string rest, string message)
    {
        var fault = Assert.IsType<Fault.Invalid>(ResourceYaml.Parse(Head + rest).Fault);

        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metadata:\n  type: Clusters.omni.sidero.dev\nspec: {}\n", "2:3: metadata.id is missing")]
    [InlineData("metadata:\n  type: Foo.omni.sidero.dev\n  id: a\nspec: {}\n", "2:3: no resource is registered for the resource type Foo.omni.sidero.dev")]
    [InlineData("metadata:\n  type: Clusters.omni.sidero.dev\n  id: a\n  version: x\nspec: {}\n", "2:3: error parsing version: ")]
    [InlineData("metadata:\n  type: Clusters.omni.sidero.dev\n  id: [a]\nspec: {}\n", "3:7: metadata.id must be a scalar")]
    [InlineData("metadata:\n  type: Clusters.omni.sidero.dev\n  id: a\n  created: soon\nspec: {}\n", "4:12: metadata.created must be a time")]
    [InlineData("- a\n", "1:1: a resource is a mapping")]
    public void Metadata_that_can_not_be_is_refused(string text, string message)
    {
        var fault = Assert.IsType<Fault.Invalid>(ResourceYaml.Parse(text).Fault);

        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_and_endless_text_are_refused()
    {
        Assert.Contains("nested", ResourceYaml.Parse("a: " + new string('[', 5000)).Fault!.Message, StringComparison.Ordinal);
        Assert.Contains("characters", ResourceYaml.Parse(new string(' ', 17 * 1024 * 1024)).Fault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_text_comes_the_answer_is_resources_or_a_fault()
    {
        const int seed = 7;
        var random = new Random(seed);
        var original = Head + "  labels:\n    a: 'b'\n  finalizers: [x, \"y\"]\nspec:\n  talosversion: |\n    1\n  features: {diskencryption: true}\n";
        const string signs = "{}[]:-,#&*!|>'\"%@` \n\t0a\u2028\ud800?~";
        for (var round = 0; round < 10_000; round++)
        {
            var text = original.ToCharArray();
            for (var change = random.Next(1, 6); change > 0; change--)
                text[random.Next(text.Length)] = signs[random.Next(signs.Length)];

            var outcome = ResourceYaml.Parse(new string(text));
            Assert.True(outcome.Fault is null or Fault.Invalid, $"seed {seed}, round {round}");
            foreach (var resource in outcome.Fault is null ? outcome.Value : [])
            {
                var shown = ResourceYaml.Render(resource);
                var again = ResourceYaml.Parse(shown);
                Assert.True(again.Fault is null && again.Value.Single().SameSpecAs(resource), $"seed {seed}, round {round}:\n{shown}\n{again.Fault}");
            }
        }
    }

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("true", "\"true\"")]
    [InlineData("no", "\"no\"")]
    [InlineData("1.34", "\"1.34\"")]
    [InlineData("1.34.1", "1.34.1")]
    [InlineData("0x1g", "0x1g")]
    [InlineData("0b2", "0b2")]
    [InlineData("08", "\"08\"")]
    [InlineData("1_000", "\"1_000\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("1e999", "1e999")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("2026-01-31", "\"2026-01-31\"")]
    [InlineData("2026-02-30", "2026-02-30")]
    [InlineData("2026-01-31T10:00:00Z", "\"2026-01-31T10:00:00Z\"")]
    [InlineData("<<", "\"<<\"")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData("-.5", "\"-.5\"")]
    [InlineData("a: b", "'a: b'")]
    [InlineData("a:b", "a:b")]
    [InlineData("a #b", "'a #b'")]
    [InlineData("it's", "it's")]
    [InlineData("'it's", "'''it''s'")]
    [InlineData("- a", "'- a'")]
    [InlineData("-a", "-a")]
    [InlineData(" a", "' a'")]
    [InlineData("a\tb", "\"a\\tb\"")]
    [InlineData("---", "'---'")]
    [InlineData("\u00e9", "\u00e9")]
    [InlineData("\U0001f600", "\"\\U0001F600\"")]
    [InlineData("\ufeffa", "\"\\uFEFFa\"")]
    [InlineData("a\nb", "|-\n    a\n    b")]
    [InlineData("a\n\n", "|+\n    a\n")]
    [InlineData(" a\nb\n", "|4\n     a\n    b")]
    [InlineData("a \nb", "\"a \\nb\"")]
    [InlineData("\n", "\"\\n\"")]
    [InlineData("a\r\nb", "\"a\\r\\nb\"")]
    public void A_text_is_quoted_exactly_where_upstream_quotes_it(string text, string yaml)
    {
        var spec = new DestroyStatusSpec { Phase = text };

        Assert.Equal($"phase: {yaml}\n", SpecYaml.Render(spec));
        Assert.Equal(text, ((Resource<DestroyStatusSpec>)ResourceYaml.Parse(ResourceYaml.Render(Kinds.ClusterDestroyStatuses.New("x", spec))).Value.Single()).Spec.Phase);
    }

    [Fact]
    public void Map_keys_are_ordered_as_people_count_and_long_ones_get_a_line_of_their_own()
    {
        var spec = new MachineStatusMetricsSpec();
        foreach (var key in new[] { "node-10", "node-2", "node-1a", "Node", "", new string('k', 129) })
            spec.Platforms[key] = 1;

        var lines = SpecYaml.Render(spec).Split('\n').SkipWhile(line => line != "platforms:").Skip(1).Take(7).Select(line => line.Trim());

        Assert.Equal(["\"\": 1", "Node: 1", "? " + new string('k', 129), ": 1", "node-1a: 1", "node-2: 1", "node-10: 1"], lines);
    }

    [Fact]
    public void A_spec_known_only_as_text_is_shown_as_it_came_and_long_texts_are_folded()
    {
        var words = string.Join(' ', Enumerable.Repeat("word", 20));
        var yaml = $"a: [1, {{b: 'c'}}]\nlong: {words}\nkeep: |+\n    x\n\n";

        var shown = ResourceYaml.Render(new OpaqueResource(new Metadata(new ResourceRef("n", "Things.x.dev", "a")), default, yaml));

        var folded = string.Join(' ', Enumerable.Repeat("word", 15)) + "\n        " + string.Join(' ', Enumerable.Repeat("word", 5));
        Assert.EndsWith($"spec:\n    a:\n        - 1\n        - b: 'c'\n    long: {folded}\n    keep: |+\n        x\n\n", shown, StringComparison.Ordinal);
        Assert.EndsWith("spec:\n    not: [yaml\n", ResourceYaml.Render(new OpaqueResource(new Metadata(new ResourceRef("n", "Things.x.dev", "a")), default, "not: [yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void Patches_that_start_with_a_blank_are_quoted()
    {
        var spec = new ClusterMachineConfigPatchesSpec { Patches = { " a: 1", "a: 1\n" } };

        Assert.Equal("patches:\n    - ' a: 1'\n    - |\n      a: 1\n", SpecYaml.Render(spec));
    }
}
