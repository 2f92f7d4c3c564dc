using System.CommandLine;
using System.Text;
using Fleethold.Resources.Wire.Management;

namespace Fleethold.Cli.Commands;

/// <summary>
/// <c>fhctl join-config</c>: prints what makes a machine join, as documents of a machine configuration or as kernel arguments
/// (reference/siderolink.md 6.1).
/// </summary>
internal sealed class JoinConfigCommand(ServerOptions servers, Terminal terminal)
{
    /// <summary>What a kernel takes as its whole command line, with some room for what the image puts there.</summary>
    private const int KernelLine = 2000;

    private readonly Option<string?> _token = new("--token") { Description = "The join token; the default one if it isn't given", HelpName = "ID" };
    private readonly Option<bool> _tunnel = new("--grpc-tunnel") { Description = "For machines whose UDP is blocked: carry WireGuard over gRPC" };
    private readonly Option<bool> _arguments = new("--kernel-args") { Description = "Print kernel arguments, in one line" };
    private readonly Option<bool> _config = new("--config") { Description = "Print documents of a machine configuration; this is the default" };

    private readonly Option<bool> _noCa = new("--no-ca")
    {
        Description = "Leave out the server's own CA: machines must trust its certificate by themselves",
    };

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        var command = new Command("join-config", "Print what makes a machine join") { _token, _tunnel, _arguments, _config, _noCa };
        command.SetAction(Run);
        return command;
    }

    private async Task<int> Run(ParseResult line, CancellationToken cancellation)
    {
        if (line.GetValue(_arguments) && line.GetValue(_config))
        {
            throw new CommandFailure("--kernel-args and --config exclude each other");
        }

        await using var server = await servers.Connect(line, cancellation);
        var request = new GetMachineJoinConfigRequest { JoinToken = line.GetValue(_token) ?? "", UseGrpcTunnel = line.GetValue(_tunnel) };
        var answer = await server.GetJoinConfig(request, !line.GetValue(_noCa), cancellation);
        if (!line.GetValue(_arguments))
        {
            await terminal.Out.WriteAsync(answer.Config);
            return 0;
        }

        var arguments = string.Join(' ', answer.KernelArgs);
        await terminal.Out.WriteAsync(arguments + "\n");
        if (Encoding.UTF8.GetByteCount(arguments) is > KernelLine and var bytes)
        {
            await terminal.Error.WriteAsync($"[WARN] these arguments have {bytes} bytes, and a kernel takes about {KernelLine} in all: use --config, or --no-ca with a certificate that machines trust\n");
        }

        return 0;
    }
}
