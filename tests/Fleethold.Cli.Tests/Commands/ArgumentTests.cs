namespace Fleethold.Cli.Tests.Commands;

public class ArgumentTests
{
    [Theory]
    [InlineData("Required argument 'KIND' missing", "get")]
    [InlineData("unexpected argument \"c\" for \"fhctl get\"", "get", "a", "b", "c")]
    [InlineData("unknown flag: --wath", "get", "machines", "--wath")]
    [InlineData("unknown command \"gte\" for \"fhctl\"", "gte", "machines")]
    [InlineData("unknown flag: --al", "delete", "machine", "--al")]
    [InlineData("unknown flag: --file=x", "--file=x")]
    [InlineData("Required command was not provided")]
    [InlineData("Option '--file' is required", "apply")]
    [InlineData("say what to delete", "delete", "machine")]
    [InlineData("exclude each other", "delete", "machine", "x", "--all")]
    [InlineData("an ID names one resource", "get", "machine", "x", "-l", "a")]
    [InlineData("can't understand the selector", "get", "machine", "-l", "a in")]
    [InlineData("use bash, zsh or fish", "completion", "tcsh")]
    [InlineData("--socket and --endpoint exclude each other", "get", "x", "--socket", "a", "--endpoint", "b")]
    [InlineData("--ca goes with --endpoint", "get", "x", "--socket", "a", "--ca", "b")]
    [InlineData("can't read the CA file", "get", "x", "--endpoint", "127.0.0.1:1", "--ca", "/nowhere/ca.pem")]
    [InlineData("is no server URL", "get", "x", "--endpoint", "ftp://example.org")]
    [InlineData("is no server URL", "get", "x", "--endpoint", "https://example.org/path")]
    [InlineData("can't read /nowhere/x.yaml", "apply", "-f", "/nowhere/x.yaml")]
    public async Task Wrong_arguments_are_told_and_nothing_is_printed(string reason, params string[] arguments)
    {
        var shell = new Shell();

        Assert.Equal(1, await shell.Run(arguments));
        Assert.StartsWith("Error: ", shell.Error, StringComparison.Ordinal);
        Assert.Contains(reason, shell.Error, StringComparison.Ordinal);
        Assert.Empty(shell.Out);
    }

    [Fact]
    public async Task Help_lists_the_commands()
    {
        var shell = new Shell();

        Assert.Equal(0, await shell.Run("--help"));
        Assert.All(["get", "apply", "edit", "delete", "explain", "version"], name => Assert.Contains(name, shell.Out, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_shell_gets_suggestions()
    {
        var shell = new Shell();

        Assert.Equal(0, await shell.Run("[suggest:8]", "fhctl de"));
        Assert.Contains("delete", shell.Out, StringComparison.Ordinal);
    }
}
