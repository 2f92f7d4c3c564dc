using System.CommandLine;
using System.Reflection;
using Fleethold.Cli.Connection;

namespace Fleethold.Cli.Commands;

/// <summary><c>fhctl version</c>: the versions of this client and of the server.</summary>
internal sealed class VersionCommand(ServerOptions servers, Terminal terminal)
{
    private readonly Option<bool> _client = new("--client") { Description = "Only the version of this client; no server is asked" };

    /// <summary>The version of this program.</summary>
    public static string Own { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        var command = new Command("version", "Show the versions of client and server") { _client };
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult line, CancellationToken cancellation)
    {
        await terminal.Out.WriteAsync($"Client:\n    version: {Own}\n    API version: {Server.ApiVersion}\n");
        if (line.GetValue(_client))
        {
            return 0;
        }

        var address = servers.Address(line);
        await using var server = Server.Open(address);
        var version = await server.ReadVersion(cancellation);
        await terminal.Out.WriteAsync(
            $"Server:\n    address: {address}\n    instance: {version.InstanceName}\n    backend version: {version.BackendVersion}\n    API version: {version.BackendApiVersion}\n");
        return 0;
    }
}
