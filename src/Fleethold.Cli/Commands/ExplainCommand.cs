using System.CommandLine;
using Fleethold.Cli.Connection;
using Fleethold.Cli.Documents;
using Fleethold.Cli.Output;
using Fleethold.Resources;
using Fleethold.Resources.Specs;

namespace Fleethold.Cli.Commands;

/// <summary>
/// <c>fhctl explain KIND[.FIELD…]</c>: what a kind is called, where it lives and which fields its spec has. For the kinds of the wire contract
/// no server is needed.
/// </summary>
internal sealed class ExplainCommand(ServerOptions servers, Terminal terminal)
{
    private readonly Argument<string> _what = new("KIND[.FIELD]") { Description = "Kind of resource, and a path of fields to look at only a part of its spec" };

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        var command = new Command("explain", "Describe a kind of resource and the fields of its spec") { _what };
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult line, CancellationToken cancellation)
    {
        var what = line.GetRequiredValue(_what);
        var index = KindIndex.Own();
        if (!index.Has(what.Split('.')[0]) && !index.Has(what))
        {
            // It may be a kind that only the server has.
            await using var server = await servers.Connect(line, cancellation);
            index = await KindIndex.Read(server, cancellation);
        }

        var (kind, path) = Split(index, what);
        WriteHead(kind);
        if (Kinds.Find(kind.ResourceType)?.Spec is not { } spec)
        {
            terminal.Out.Write("\nThe fields of its spec aren't known to this fhctl.\n");
            return 0;
        }

        terminal.Out.Write(SpecFields.Describe(spec, path));
        return 0;
    }

    /// <summary>Full types contain dots too: the longest beginning that names a kind is the kind, the rest are fields.</summary>
    private static (ResourceDefinitionSpec Kind, string[] Path) Split(KindIndex index, string text)
    {
        var parts = text.Split('.');
        for (var length = parts.Length; length > 1; length--)
        {
            var name = string.Join('.', parts[..length]);
            if (index.Has(name))
            {
                return (index.Resolve(name), parts[length..]);
            }
        }

        return (index.Resolve(parts[0]), parts[1..]);
    }

    private void WriteHead(ResourceDefinitionSpec kind)
    {
        var head = new TabTable();
        head.Add("KIND:", kind.DisplayType);
        head.Add("TYPE:", kind.ResourceType);
        head.Add("NAMESPACE:", kind.DefaultNamespace);
        head.Add("ALIASES:", string.Join(' ', kind.AllAliases));
        if (kind.Sensitivity == ResourceDefinitionSpec.Types.Sensitivity.Sensitive)
        {
            head.Add("SENSITIVE:", "its spec holds secrets");
        }

        foreach (var (column, index) in kind.PrintColumns.Select((column, index) => (column, index)))
        {
            head.Add(index == 0 ? "COLUMNS:" : "", $"{column.Name} {column.JsonPath}");
        }

        terminal.Out.Write(head.TakeText());
    }
}
