using Fleethold.Cli.Documents;
using Fleethold.Cli.JsonPath;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;

namespace Fleethold.Cli.Output;

/// <summary>A table: namespace, type, id, version and the kind's print columns; on a watch the change stands in front.</summary>
internal sealed class TableOutput : IResourceOutput
{
    private readonly TabTable _table = new();
    private readonly ResourceDefinitionSpec _kind;
    private readonly bool _watch;
    private readonly TextWriter _to;
    private readonly Template[] _columns;

    /// <summary>A table for one kind.</summary>
    /// <exception cref="CommandFailure">The server's definition has a broken print column.</exception>
    public TableOutput(ResourceDefinitionSpec kind, bool watch, TextWriter to)
    {
        (_kind, _watch, _to) = (kind, watch, to);
        try
        {
            _columns = [.. kind.PrintColumns.Select(column => Template.Parse(column.JsonPath))];
        }
        catch (TemplateException broken)
        {
            throw new CommandFailure($"a print column of {kind.ResourceType} is broken: {broken.Message}; use --output yaml");
        }
    }

    /// <inheritdoc/>
    public void Begin() => Row("*", ["NAMESPACE", "TYPE", "ID", "VERSION", .. _kind.PrintColumns.Select(column => column.Name.ToUpperInvariant())]);

    /// <inheritdoc/>
    public void Add(Resource resource, EventType? change)
    {
        var spec = YamlValue.Read(resource.Spec?.YamlSpec ?? "");
        var metadata = resource.Metadata;
        var mark = change switch { EventType.Created => "+", EventType.Destroyed => "-", _ => " " };
        Row(mark, [metadata.Namespace, _kind.DisplayType, metadata.Id, metadata.Version, .. _columns.Select(column => Cell(column, spec))]);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        _to.Write(_table.TakeText());
        _to.Flush();
    }

    private void Row(string mark, string[] cells) => _table.Add(_watch ? [mark, .. cells] : cells);

    private static string Cell(Template column, object? spec)
    {
        try
        {
            return column.Apply(spec);
        }
        catch (TemplateException mismatch)
        {
            // One odd resource must not hide the others.
            return $"<{mismatch.Message}>";
        }
    }
}
