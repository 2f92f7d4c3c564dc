namespace Fleethold.Cli;

/// <summary>A command can't do what it was asked to. The message is shown to the person after <c>Error: </c>; the exit code is 1.</summary>
internal sealed class CommandFailure(string message) : Exception(message);
