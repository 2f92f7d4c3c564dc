using System.CommandLine;
using System.Text;
using Fleethold.Resources.Wire.Management;

namespace Fleethold.Cli.Commands;

/// <summary><c>fhctl machine-logs MACHINE</c>: prints the kernel log of a machine, as it sent it (reference/management-proto.md 3.2).</summary>
internal sealed class MachineLogsCommand(ServerOptions servers, Terminal terminal)
{
    private readonly Argument<string> _machine = new("MACHINE") { Description = "Id of the machine" };
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on with new lines until interrupted" };

    private readonly Option<int> _tail = new("--tail")
    {
        Description = "Print only so many of the newest lines; 0 for none, -1 for all",
        HelpName = "LINES",
        DefaultValueFactory = _ => -1,
    };

    private readonly Option<string> _format = new("--log-format")
    {
        Description = "Form of the lines: raw, as the machine sent them",
        DefaultValueFactory = _ => "raw",
    };

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        var command = new Command("machine-logs", "Print the kernel log of a machine") { _machine, _follow, _tail, _format };
        command.Aliases.Add("logs");
        command.Aliases.Add("l");
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult line, CancellationToken cancellation)
    {
        switch (line.GetValue(_format))
        {
            case "raw":
                break;
            case "omni" or "dmesg":
                throw new CommandFailure($"--log-format {line.GetValue(_format)} is not implemented yet: leave it out, and each line is printed as the machine sent it");
            default:
                throw new CommandFailure($"there is no --log-format {line.GetValue(_format)}: use raw");
        }

        await using var server = await servers.Connect(line, cancellation);
        var request = new MachineLogsRequest { MachineId = line.GetRequiredValue(_machine), Follow = line.GetValue(_follow), TailLines = line.GetValue(_tail) };
        await foreach (var text in server.MachineLogs(request, cancellation))
        {
            await terminal.Out.WriteAsync(Encoding.UTF8.GetString(text.Span) + "\n");
            if (request.Follow)
            {
                terminal.Out.Flush();
            }
        }

        return 0;
    }
}
