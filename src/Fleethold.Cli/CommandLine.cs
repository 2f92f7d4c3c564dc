using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Fleethold.Cli.Commands;
using Fleethold.Cli.Connection;
using Grpc.Core;

namespace Fleethold.Cli;

/// <summary>All commands of fhctl. Exit codes: 0 done, 1 failed or refused, 130 interrupted.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command.</summary>
    /// <param name="arguments">What stands after the program's name.</param>
    /// <param name="terminal">Where output goes and settings come from.</param>
    /// <param name="cancellation">Interrupts the command.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(string[] arguments, Terminal terminal, CancellationToken cancellation = default)
    {
        var line = Build(terminal).Parse(arguments);
        if (Mistake(line) is { } mistake)
        {
            return Fail(terminal, $"{mistake}\nRun '{PathOf(line)} --help' for usage.");
        }

        try
        {
            return await line.InvokeAsync(
                new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false }, cancellation);
        }
        catch (CommandFailure failure)
        {
            return Fail(terminal, failure.Message);
        }
        catch (Exception failure) when (failure is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            // An interrupted watch is a finished watch.
            return IsWatch(line) ? 0 : 130;
        }
        catch (RpcException failure)
        {
            return Fail(terminal, RpcText.Of(failure));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fail(terminal, failure.Message);
        }
    }

    private static RootCommand Build(Terminal terminal)
    {
        var servers = new ServerOptions(terminal);
        var root = new RootCommand("fhctl speaks to a Fleethold server: look at its resources, change them, watch them.")
        {
            new GetCommand(servers, terminal).Build(),
            new ApplyCommand(servers, terminal).Build(),
            new EditCommand(servers, terminal).Build(),
            new DeleteCommand(servers, terminal).Build(),
            new ExplainCommand(servers, terminal).Build(),
            new JoinTokenCommand(servers, terminal, TimeProvider.System).Build(),
            new JoinConfigCommand(servers, terminal).Build(),
            new MachineLogsCommand(servers, terminal).Build(),
            new VersionCommand(servers, terminal).Build(),
            new CompletionCommand(terminal).Build(),
        };
        servers.AddTo(root);
        return root;
    }

    /// <summary>What is wrong with the command line, in the words of omnictl where it has them; null when nothing is.</summary>
    private static string? Mistake(ParseResult line)
    {
        if (line.Action is not (null or ParseErrorAction) && line.CommandResult.Command.Action != line.Action)
        {
            return null;
        }

        // A mistyped option would pass for an id, and `delete KIND --al` must not delete anything.
        var words = line.UnmatchedTokens.Concat(line.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens).Select(token => token.Value));
        if (words.FirstOrDefault(word => word.Length > 1 && word[0] == '-') is { } option)
        {
            return $"unknown flag: {option}";
        }

        return line.Errors.Count == 0 ? null
            : line.UnmatchedTokens.Count == 0 ? line.Errors[0].Message
            : line.CommandResult.Command is RootCommand ? $"unknown command \"{line.UnmatchedTokens[0]}\" for \"fhctl\""
            : $"unexpected argument \"{line.UnmatchedTokens[0]}\" for \"{PathOf(line)}\"";
    }

    private static bool IsWatch(ParseResult line) => line.CommandResult.Command.Name is "get" or "machine-logs";

    private static string PathOf(ParseResult line)
    {
        var names = new Stack<string>();
        for (SymbolResult? result = line.CommandResult; result is CommandResult command; result = result.Parent)
        {
            names.Push(command.Command is RootCommand ? "fhctl" : command.Command.Name);
        }

        return string.Join(' ', names);
    }

    private static int Fail(Terminal terminal, string message)
    {
        terminal.Error.WriteLine($"Error: {message}");
        return 1;
    }
}
