using System.Collections.Concurrent;
using System.CommandLine;
using Fleethold.Cli.Connection;
using Fleethold.Resources;
using Grpc.Core;

namespace Fleethold.Cli.Commands;

/// <summary>
/// <c>fhctl delete KIND ID | --all | -l SELECTOR</c>: tears resources down, 8 at a time, and waits until they are gone.
/// What is gone already is no failure (reference/resources.md 2.5).
/// </summary>
internal sealed class DeleteCommand(ServerOptions servers, Terminal terminal)
{
    private const int Parallelism = 8;

    private readonly Argument<string> _kind = new("KIND") { Description = "Kind of resource: its type or an alias" };
    private readonly Argument<string?> _id = new("ID") { Description = "Id of one resource", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _all = new("--all") { Description = "All resources of the kind" };
    private readonly SelectionOptions _selection = new();

    private readonly Option<bool> _wait = new("--wait")
    {
        Description = "Wait until the resources are gone; --wait=false only asks for their removal",
        DefaultValueFactory = _ => true,
    };

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        var command = new Command("delete", "Remove resources") { _kind, _id, _all, _wait };
        _selection.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult line, CancellationToken cancellation)
    {
        var ways = (line.GetValue(_id) is not null ? 1 : 0) + (line.GetValue(_all) ? 1 : 0) + (_selection.AreGiven(line) ? 1 : 0);
        if (ways != 1)
        {
            throw new CommandFailure(ways == 0
                ? "say what to delete: an ID, --selector, --id-match-regexp or --all"
                : "an ID, a selection (--selector, --id-match-regexp) and --all exclude each other");
        }

        var options = _selection.ForList(line);
        await using var server = await servers.Connect(line, cancellation);
        var kind = (await KindIndex.Read(server, cancellation)).Resolve(line.GetRequiredValue(_kind));
        var place = new KindRef(_selection.Namespace(line, kind), kind.ResourceType);
        var ids = new List<string>();
        if (line.GetValue(_id) is { } id)
        {
            ids.Add(id);
        }
        else
        {
            await foreach (var resource in server.List(place, options, cancellation))
            {
                ids.Add(resource.Metadata.Id);
            }
        }

        var failures = new ConcurrentBag<string>();
        var wait = line.GetValue(_wait);
        await Parallel.ForEachAsync(
            ids,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation },
            async (one, stop) =>
            {
                if (await Delete(server, place.Named(one), wait, stop) is { } failure)
                {
                    failures.Add(failure);
                }
            });
        return failures.IsEmpty ? 0 : throw new CommandFailure(string.Join('\n', failures.Order(StringComparer.Ordinal)));
    }

    /// <returns>Why it failed; null on success.</returns>
    private async Task<string?> Delete(Server server, ResourceRef reference, bool wait, CancellationToken cancellation)
    {
        try
        {
            Say(terminal.Out, $"* tearing down {reference.Type}({reference.Id})");
            if (wait)
            {
                await server.TeardownAndDestroy(reference, cancellation);
                Say(terminal.Out, $"* destroyed {reference.Type}({reference.Id})");
            }
            else
            {
                await server.Teardown(reference, cancellation);
            }

            return null;
        }
        catch (RpcException missing) when (missing.StatusCode == StatusCode.NotFound)
        {
            Say(terminal.Error, $"* {reference.Type}({reference.Id}) doesn't exist");
            return null;
        }
        catch (RpcException failure) when (failure.StatusCode != StatusCode.Cancelled)
        {
            return $"failed to delete {reference.Type}({reference.Id}): {RpcText.Of(failure)}";
        }
    }

    private static void Say(TextWriter to, string text)
    {
        lock (to)
        {
            to.WriteLine(text);
        }
    }
}
