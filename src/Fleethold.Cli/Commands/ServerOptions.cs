using System.CommandLine;
using Fleethold.Cli.Connection;

namespace Fleethold.Cli.Commands;

/// <summary>The options that name the server; every command has them.</summary>
internal sealed class ServerOptions(Terminal terminal)
{
    private readonly Option<string?> _socket = new("--socket")
    {
        Description = "Unix socket of a server on this machine (or FLEETHOLD_SOCKET)",
        HelpName = "PATH",
        Recursive = true,
    };

    private readonly Option<string?> _endpoint = new("--endpoint")
    {
        Description = "URL of a server (or FLEETHOLD_ENDPOINT)",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<string?> _ca = new("--ca")
    {
        Description = "PEM file of the authority that signed the server's certificate",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<bool> _skipVerify = new("--insecure-skip-tls-verify")
    {
        Description = "Accept any certificate of the server",
        Recursive = true,
    };

    /// <summary>Adds the options to the root command.</summary>
    public void AddTo(Command root)
    {
        root.Options.Add(_socket);
        root.Options.Add(_endpoint);
        root.Options.Add(_ca);
        root.Options.Add(_skipVerify);
    }

    /// <summary>The server that the command line names.</summary>
    public ServerAddress Address(ParseResult line) => ServerAddress.Choose(
        line.GetValue(_socket), line.GetValue(_endpoint), line.GetValue(_ca), line.GetValue(_skipVerify), terminal);

    /// <summary>Connects to it.</summary>
    public Task<Server> Connect(ParseResult line, CancellationToken cancellation) => Server.Connect(Address(line), terminal.Error, cancellation);
}
