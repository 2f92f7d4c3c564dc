using Fleethold.Cli.Documents;
using Fleethold.Cli.JsonPath;
using Fleethold.Resources.Wire;

namespace Fleethold.Cli.Output;

/// <summary>YAML documents, parted by <c>---</c>; on a watch each begins with the change.</summary>
internal sealed class YamlOutput(TextWriter to) : IResourceOutput
{
    private bool _started;

    /// <inheritdoc/>
    public void Begin()
    {
    }

    /// <inheritdoc/>
    public void Add(Resource resource, EventType? change)
    {
        if (_started)
        {
            to.Write("---\n");
        }

        _started = true;
        if (change is { } what)
        {
            to.Write($"event: {what.ToString().ToLowerInvariant()}\n");
        }

        to.Write(ResourceText.Yaml(resource));
    }

    /// <inheritdoc/>
    public void Flush() => to.Flush();
}

/// <summary>JSON documents one after the other: the YAML documents written as JSON.</summary>
internal sealed class JsonOutput(TextWriter to) : IResourceOutput
{
    /// <inheritdoc/>
    public void Begin()
    {
    }

    /// <inheritdoc/>
    public void Add(Resource resource, EventType? change)
    {
        var document = ResourceText.Document(resource);
        if (change is { } what)
        {
            document["event"] = what.ToString().ToLowerInvariant();
        }

        to.Write(JsonText.Indented(document) + "\n");
    }

    /// <inheritdoc/>
    public void Flush() => to.Flush();
}

/// <summary>What a JSONPath template makes of each YAML document, one line each.</summary>
internal sealed class JsonPathOutput : IResourceOutput
{
    private readonly Template _template;
    private readonly TextWriter _to;

    /// <summary>An output for a template; braces around a single path may be left out.</summary>
    /// <exception cref="CommandFailure">The template is broken.</exception>
    public JsonPathOutput(string template, TextWriter to)
    {
        _to = to;
        try
        {
            _template = Template.Parse(template.StartsWith('.') || template.StartsWith('$') ? $"{{{template}}}" : template);
        }
        catch (TemplateException broken)
        {
            throw new CommandFailure($"error parsing jsonpath {template}: {broken.Message}");
        }
    }

    /// <inheritdoc/>
    public void Begin()
    {
    }

    /// <inheritdoc/>
    public void Add(Resource resource, EventType? change)
    {
        try
        {
            var text = _template.Apply(ResourceText.Document(resource));
            _to.Write(text.EndsWith('\n') ? text : text + "\n");
        }
        catch (TemplateException mismatch)
        {
            throw new CommandFailure($"error executing jsonpath on {resource.Metadata.Type}({resource.Metadata.Id}): {mismatch.Message}");
        }
    }

    /// <inheritdoc/>
    public void Flush() => _to.Flush();
}
