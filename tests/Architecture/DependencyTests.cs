namespace Fleethold.Architecture;

public class DependencyTests
{
    [Fact]
    public void Projects_refer_only_to_what_the_layout_allows()
    {
        var edges = Sources.ProjectsUnder("src")
            .SelectMany(project => Sources.References(project).Select(to => (Path.GetFileNameWithoutExtension(project), to)))
            .ToList();

        Assert.NotEmpty(edges);
        Rule.Holds(DependencyRules.Violations(edges), "These references are forbidden.");
    }

    [Fact]
    public void Every_source_project_has_a_row_in_the_rules()
    {
        var projects = Sources.ProjectsUnder("src").Select(project => Path.GetFileNameWithoutExtension(project)!);

        Assert.All(projects, project => Assert.Contains(project, DependencyRules.Allowed.Keys));
    }

    [Theory]
    [InlineData("Fleethold.Storage", "Fleethold.Server")]
    [InlineData("Fleethold.Storage", "Fleethold.Talos")]
    [InlineData("Fleethold.Controllers", "Fleethold.Storage")]
    [InlineData("Fleethold.Cli", "Fleethold.Runtime")]
    [InlineData("Fleethold.Resources", "Fleethold.Runtime")]
    [InlineData("Fleethold.Misfit", "Fleethold.Resources")]
    public void A_forbidden_reference_is_reported_with_its_reason(string from, string to)
    {
        var violation = Assert.Single(DependencyRules.Violations([(from, to)]));

        Assert.StartsWith(from, violation, StringComparison.Ordinal);
        Assert.Contains(": ", violation, StringComparison.Ordinal);
    }

    [Fact]
    public void The_allowed_references_have_no_cycle()
    {
        var order = new List<string>();
        while (DependencyRules.Allowed.Keys.FirstOrDefault(project =>
            !order.Contains(project) && DependencyRules.Allowed[project].All(order.Contains)) is { } next)
        {
            order.Add(next);
        }

        Assert.Equal(DependencyRules.Allowed.Count, order.Count);
    }

    [Fact]
    public void Tests_and_benchmarks_are_never_referred_to_by_the_product()
    {
        var outside = Sources.ProjectsUnder("src")
            .SelectMany(project => Sources.Project(project).Descendants("ProjectReference").Select(reference => (project, reference.Attribute("Include")!.Value)))
            .Where(edge => edge.Value.Contains("tests/", StringComparison.Ordinal) || edge.Value.Contains("bench/", StringComparison.Ordinal))
            .Select(edge => $"{edge.project} refers to {edge.Value}");

        Rule.Holds(outside, "The product must build without its tests.");
    }
}
