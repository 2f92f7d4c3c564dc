using System.CommandLine;
using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;

namespace Fleethold.Cli.Commands;

/// <summary>The options that select resources of a kind.</summary>
internal sealed class SelectionOptions
{
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Namespace; the kind's own by default", HelpName = "NAME" };

    private readonly Option<string?> _selector = new("--selector", "-l")
    {
        Description = "Labels: key, !key, key=value, key!=value, key in (a, b), key notin (a, b), key < 5; all that are joined by commas must hold",
        HelpName = "SELECTOR",
    };

    private readonly Option<string?> _idPattern = new("--id-match-regexp") { Description = "Regular expression that ids must match", HelpName = "REGEXP" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_namespace);
        command.Options.Add(_selector);
        command.Options.Add(_idPattern);
    }

    /// <summary>The namespace to look in.</summary>
    public string Namespace(ParseResult line, ResourceDefinitionSpec kind) => line.GetValue(_namespace) ?? kind.DefaultNamespace;

    /// <summary>True when labels or ids are selected.</summary>
    public bool AreGiven(ParseResult line) => line.GetValue(_selector) is not null || line.GetValue(_idPattern) is not null;

    /// <summary>The label query; null when none was given.</summary>
    /// <exception cref="CommandFailure">The selector can't be understood.</exception>
    public LabelQuery? Labels(ParseResult line) => line.GetValue(_selector) is { Length: > 0 } text ? Selectors.Parse(text) : null;

    /// <summary>The id query; null when none was given.</summary>
    public IDQuery? Ids(ParseResult line) => line.GetValue(_idPattern) is { Length: > 0 } text ? new IDQuery { Regexp = text } : null;

    /// <summary>Both as options of a list.</summary>
    /// <exception cref="CommandFailure">The selector can't be understood.</exception>
    public ListOptions ForList(ParseResult line)
    {
        var options = new ListOptions();
        if (Labels(line) is { } labels)
        {
            options.LabelQuery.Add(labels);
        }

        if (Ids(line) is { } ids)
        {
            options.IdQuery = ids;
        }

        return options;
    }
}
