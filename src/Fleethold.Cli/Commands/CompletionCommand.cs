using System.CommandLine;

namespace Fleethold.Cli.Commands;

/// <summary><c>fhctl completion SHELL</c>: a script that makes a shell complete fhctl's commands and options.</summary>
internal sealed class CompletionCommand(Terminal terminal)
{
    private const string Bash = """
        _fhctl() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(fhctl "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _fhctl fhctl

        """;

    private const string Zsh = """
        #compdef fhctl
        _fhctl() {
            local -a found
            found=("${(@f)$(fhctl "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a found
        }
        compdef _fhctl fhctl

        """;

    private const string Fish = """
        complete -c fhctl -f -a '(fhctl "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'

        """;

    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or fish" };

    /// <summary>The command for the parser.</summary>
    public Command Build()
    {
        _shell.CompletionSources.Add("bash", "zsh", "fish");
        var command = new Command("completion", "Print the completion script of a shell: source <(fhctl completion bash)") { _shell };
        command.SetAction(line => terminal.Out.Write(line.GetRequiredValue(_shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            var other => throw new CommandFailure($"no completion for {other}: use bash, zsh or fish"),
        }));
        return command;
    }
}
