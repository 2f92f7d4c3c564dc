using System.CommandLine;
using System.Diagnostics;
using Fleethold.Cli.Connection;
using Fleethold.Cli.Documents;
using Fleethold.Resources;
using Grpc.Core;

namespace Fleethold.Cli.Commands;

/// <summary>
/// <c>fhctl edit KIND ID</c>: opens the YAML document of a resource in an editor and stores what was changed. The version read is the version replaced,
/// so somebody else's change meanwhile is never lost: the edit is refused and its file is kept.
/// </summary>
internal sealed class EditCommand(ServerOptions servers, Terminal terminal)
{
    private readonly Argument<string> _kind = new("KIND") { Description = "Kind of resource: its type or an alias" };
    private readonly Argument<string> _id = new("ID") { Description = "Id of the resource" };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Namespace; the kind's own by default", HelpName = "NAME" };

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        var command = new Command("edit", "Change a resource in $EDITOR") { _kind, _id, _namespace };
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult line, CancellationToken cancellation)
    {
        await using var server = await servers.Connect(line, cancellation);
        var kind = (await KindIndex.Read(server, cancellation)).Resolve(line.GetRequiredValue(_kind));
        var reference = new ResourceRef(line.GetValue(_namespace) ?? kind.DefaultNamespace, kind.ResourceType, line.GetRequiredValue(_id));
        var stored = await server.Get(reference, cancellation);

        // The folder is readable by its owner only: specs may hold secrets.
        var folder = Directory.CreateTempSubdirectory("fhctl-edit-");
        var file = Path.Combine(folder.FullName, $"{kind.DisplayType}.yaml");
        var before = ResourceText.Yaml(stored);
        await File.WriteAllTextAsync(file, before, cancellation);
        await OpenEditor(file, cancellation);
        var after = await File.ReadAllTextAsync(file, cancellation);
        if (after == before)
        {
            folder.Delete(recursive: true);
            return 0;
        }

        try
        {
            await Store(server, reference, stored.Metadata.Version, after, cancellation);
        }
        catch (RpcException conflict) when (conflict.StatusCode == StatusCode.FailedPrecondition)
        {
            throw new CommandFailure(
                $"somebody else changed {reference.Type}({reference.Id}) meanwhile, nothing was stored: {RpcText.Of(conflict)}\nYour edit is kept in {file}: edit again and take over what you need from it.");
        }
        catch (Exception failure) when (failure is RpcException or CommandFailure)
        {
            var reason = failure is RpcException rpc ? RpcText.Of(rpc) : failure.Message;
            throw new CommandFailure($"{reason}\nNothing was stored. Your edit is kept in {file}");
        }

        folder.Delete(recursive: true);
        return 0;
    }

    private static async Task Store(Server server, ResourceRef reference, string version, string text, CancellationToken cancellation)
    {
        var resources = WrittenResources.Read(text);
        if (resources is not [var resource])
        {
            throw new CommandFailure($"the file holds {resources.Count} documents instead of one");
        }

        var metadata = resource.Metadata;
        if (new ResourceRef(metadata.Namespace, metadata.Type, metadata.Id) != reference)
        {
            throw new CommandFailure($"namespace, type and id of a resource can't be changed: it is {reference.Namespace}, {reference.Type}, {reference.Id}");
        }

        metadata.Version = version;
        await server.Update(resource, cancellation);
    }

    private async Task OpenEditor(string file, CancellationToken cancellation)
    {
        var editor = terminal.Environment("VISUAL") is { Length: > 0 } visual ? visual
            : terminal.Environment("EDITOR") is { Length: > 0 } named ? named : "vi";

        // EDITOR may carry arguments, so a shell takes it apart.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", $"{editor} \"$1\"", "sh", file } })
            ?? throw new CommandFailure($"can't start the editor {editor}");
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new CommandFailure($"the editor {editor} failed with exit code {process.ExitCode}: set EDITOR to one that works; nothing was stored, the file is {file}");
        }
    }
}
