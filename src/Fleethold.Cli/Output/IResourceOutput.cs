using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;

namespace Fleethold.Cli.Output;

/// <summary>A form in which <c>get</c> shows resources.</summary>
internal interface IResourceOutput
{
    /// <summary>Before the first resource.</summary>
    void Begin();

    /// <summary>One resource.</summary>
    /// <param name="resource">The resource, or the tombstone of an absent one.</param>
    /// <param name="change">What happened to it; null when this isn't a watch.</param>
    void Add(Resource resource, EventType? change);

    /// <summary>Shows everything added so far.</summary>
    void Flush();

    /// <summary>The output for the text of <c>--output</c>.</summary>
    /// <exception cref="CommandFailure">There is no such form, or its JSONPath is broken.</exception>
    static IResourceOutput For(string format, ResourceDefinitionSpec kind, bool watch, TextWriter to) => format switch
    {
        "table" => new TableOutput(kind, watch, to),
        "yaml" => new YamlOutput(to),
        "json" => new JsonOutput(to),
        _ when format.StartsWith("jsonpath=", StringComparison.Ordinal) => new JsonPathOutput(format["jsonpath=".Length..], to),
        _ => throw new CommandFailure($"output format \"{format}\" is not supported: use table, yaml, json or jsonpath=TEMPLATE"),
    };
}
