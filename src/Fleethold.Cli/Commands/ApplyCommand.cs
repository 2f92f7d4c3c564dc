using System.CommandLine;
using Fleethold.Cli.Connection;
using Fleethold.Cli.Diff;
using Fleethold.Cli.Documents;
using Fleethold.Resources;
using Grpc.Core;
using Wire = Fleethold.Resources.Wire;

namespace Fleethold.Cli.Commands;

/// <summary>
/// <c>fhctl apply -f FILE</c>: creates the resources of YAML documents, or replaces those that are there. The version in a document doesn't count:
/// the last one who applies wins, as with omnictl (reference/resources.md 2.8).
/// </summary>
internal sealed class ApplyCommand(ServerOptions servers, Terminal terminal)
{
    private readonly Option<string[]> _files = new("--file", "-f")
    {
        Description = "YAML file, folder of YAML files, or - for standard input; may be given several times",
        HelpName = "FILE|DIR|-",
        Required = true,
    };

    private readonly Option<bool> _dryRun = new("--dry-run", "-d") { Description = "Show what would change, change nothing" };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Show what changes" };

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        var command = new Command("apply", "Create or replace resources from YAML") { _files, _dryRun, _verbose };
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult line, CancellationToken cancellation)
    {
        var files = line.GetRequiredValue(_files).SelectMany(path => ResourceFile.Read(path, terminal.In)).ToArray();
        var dryRun = line.GetValue(_dryRun);
        var talk = dryRun || line.GetValue(_verbose) ? terminal.Out : TextWriter.Null;

        // All files are read before the first change is made: a typo in the last one leaves nothing half applied.
        var resources = files.Select(file => (File: file.Name, Resources: ReadAll(file))).ToArray();
        await using var server = await servers.Connect(line, cancellation);
        await talk.WriteAsync($"Processing {files.Length} resource file(s)\n");
        foreach (var (file, documents) in resources)
        {
            await talk.WriteAsync($"Applying resources from: {file}\n");
            foreach (var document in documents)
            {
                try
                {
                    await Apply(server, document, dryRun, talk, cancellation);
                }
                catch (CommandFailure failure)
                {
                    throw new CommandFailure($"failed to apply resources from file \"{file}\": {failure.Message}");
                }
            }
        }

        return 0;
    }

    private static IReadOnlyList<Wire.Resource> ReadAll(ResourceFile file)
    {
        try
        {
            return WrittenResources.Read(file.Text);
        }
        catch (CommandFailure failure)
        {
            throw new CommandFailure($"failed to apply resources from file \"{file.Name}\": {failure.Message}");
        }
    }

    private static async Task Apply(Server server, Wire.Resource resource, bool dryRun, TextWriter talk, CancellationToken cancellation)
    {
        var (id, type) = (resource.Metadata.Id, resource.Metadata.Type);
        var stored = await Attempt("get", () => server.Find(new ResourceRef(resource.Metadata.Namespace, type, id), cancellation));
        if (stored is null)
        {
            await talk.WriteAsync($"Creating resource '{id}'\n\n{ResourceText.Yaml(resource)}\n\n");
            if (!dryRun)
            {
                await Attempt("create", () => server.Create(resource, cancellation));
            }

            return;
        }

        // A document that names no finalizers doesn't take them away from the controllers that wait on them.
        if (resource.Metadata.Finalizers.Count == 0)
        {
            resource.Metadata.Finalizers.Add(stored.Metadata.Finalizers);
        }

        if (talk != TextWriter.Null)
        {
            var edits = TextDiff.Compare(ResourceText.Yaml(stored), ResourceText.Yaml(resource));
            await talk.WriteAsync($"Updating resource '{id}'\n\n{TextDiff.Colored(edits)}\n\n");
        }

        resource.Metadata.Version = stored.Metadata.Version;
        if (!dryRun)
        {
            await Attempt("update", () => server.Update(resource, cancellation));
        }

        async Task<T> Attempt<T>(string verb, Func<Task<T>> call)
        {
            try
            {
                return await call();
            }
            catch (RpcException failure) when (failure.StatusCode != StatusCode.Cancelled)
            {
                throw new CommandFailure($"failed to {verb} resource '{id}' '{type}': {RpcText.Of(failure)}");
            }
        }
    }
}
