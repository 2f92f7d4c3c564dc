using System.CommandLine;
using Fleethold.Cli.Connection;
using Fleethold.Cli.Output;
using Fleethold.Resources;
using Fleethold.Resources.Wire;
using WatchOptions = Fleethold.Resources.Wire.WatchOptions;

namespace Fleethold.Cli.Commands;

/// <summary><c>fhctl get KIND [ID]</c>: shows resources, once or as they change.</summary>
internal sealed class GetCommand(ServerOptions servers, Terminal terminal)
{
    private readonly Argument<string> _kind = new("KIND") { Description = "Kind of resource: its type or an alias; `get rd` lists all" };
    private readonly Argument<string?> _id = new("ID") { Description = "Id of one resource", Arity = ArgumentArity.ZeroOrOne };
    private readonly SelectionOptions _selection = new();

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "table, yaml, json or jsonpath=TEMPLATE",
        DefaultValueFactory = _ => "table",
    };

    private readonly Option<bool> _watch = new("--watch", "-w") { Description = "Go on with every change until interrupted" };

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        var command = new Command("get", "Show resources") { _kind, _id, _output, _watch };
        _selection.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult line, CancellationToken cancellation)
    {
        if (line.GetValue(_id) is not null && _selection.AreGiven(line))
        {
            throw new CommandFailure("an ID names one resource: leave out --selector and --id-match-regexp");
        }

        // Broken options are told before the server is asked.
        var options = _selection.ForList(line);
        await using var server = await servers.Connect(line, cancellation);
        var kind = (await KindIndex.Read(server, cancellation)).Resolve(line.GetRequiredValue(_kind));
        var output = IResourceOutput.For(line.GetRequiredValue(_output), kind, line.GetValue(_watch), terminal.Out);
        var place = new KindRef(_selection.Namespace(line, kind), kind.ResourceType);
        output.Begin();
        try
        {
            if (line.GetValue(_watch))
            {
                await Watch(server, place, line.GetValue(_id), options, output, cancellation);
            }
            else if (line.GetValue(_id) is { } id)
            {
                output.Add(await server.Get(place.Named(id), cancellation), null);
            }
            else
            {
                await foreach (var resource in server.List(place, options, cancellation))
                {
                    output.Add(resource, null);
                }
            }
        }
        finally
        {
            output.Flush();
        }

        return 0;
    }

    private static async Task Watch(
        Server server, KindRef kind, string? id, ListOptions selection, IResourceOutput output, CancellationToken cancellation)
    {
        var request = new WatchRequest { Namespace = kind.Namespace, Type = kind.Type, Options = new WatchOptions() };
        if (id is not null)
        {
            request.Id = id;
        }
        else
        {
            request.Options.BootstrapContents = true;
            request.Options.IdQuery = selection.IdQuery;
            request.Options.LabelQuery.Add(selection.LabelQuery.FirstOrDefault() ?? new LabelQuery());
        }

        // A list is shown once it is complete, so that its columns fit; what comes later is shown at once.
        var complete = id is not null;
        await foreach (var one in server.Watch(request, cancellation))
        {
            switch (one.EventType)
            {
                case EventType.Created or EventType.Updated or EventType.Destroyed:
                    output.Add(one.Resource, one.EventType);
                    break;
                case EventType.Bootstrapped:
                    complete = true;
                    break;
                case EventType.Errored:
                    throw new CommandFailure($"watch failed: {one.Error}; run the command again");
            }

            if (complete)
            {
                output.Flush();
            }
        }
    }
}
