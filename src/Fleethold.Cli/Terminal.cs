namespace Fleethold.Cli;

/// <summary>What a command has around it: texts in and out, environment, rights. Tests put their own in its place.</summary>
/// <param name="Out">What the command was asked for.</param>
/// <param name="Error">Errors and warnings.</param>
/// <param name="In">Standard input, for <c>apply -f -</c>.</param>
/// <param name="Environment">Reads an environment variable; null when it is unset.</param>
/// <param name="IsRoot">Whether the process has the rights of root.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, TextReader In, Func<string, string?> Environment, bool IsRoot)
{
    /// <summary>The terminal of this process.</summary>
    public static Terminal Own { get; } = new(
        Console.Out, Console.Error, Console.In, System.Environment.GetEnvironmentVariable, System.Environment.IsPrivilegedProcess);
}
