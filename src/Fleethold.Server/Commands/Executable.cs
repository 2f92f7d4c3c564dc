using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Server.Observation;

namespace Fleethold.Server.Commands;

/// <summary>The commands of <c>fleethold</c>.</summary>
internal static class Executable
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>It was asked rightly and failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int AskedWrongly = 2;

    private const string Usage = """
        fleethold: the management plane for fleets of Talos Linux machines

        fleethold serve [FLAGS]                 run the server until it is told to stop
        fleethold config check [FILE...] [FLAGS]  say what is wrong with a configuration, and start nothing
        fleethold version                       say which version this is

        fleethold serve --help lists the flags.
        """;

    /// <summary>Runs one command. What a person can do something about is told in a line on <paramref name="error"/>, without a stack trace.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(string[] arguments, TextWriter output, TextWriter error)
    {
        try
        {
            switch (arguments)
            {
                case ["serve", .. var rest]:
                    return await Serve(rest, output, error);
                case ["config", "check", .. var rest]:
                    return await CheckConfiguration(rest, output, error);
                case ["version" or "--version"]:
                    await output.WriteLineAsync($"fleethold {Metrics.Version}");
                    return Done;
                case ["help" or "--help" or "-h"]:
                    await output.WriteLineAsync(Usage);
                    return Done;
                case []:
                    await error.WriteLineAsync(Usage);
                    return AskedWrongly;
                default:
                    await error.WriteLineAsync($"fleethold: there is no command \"{Problem.Shown(string.Join(' ', arguments.TakeWhile(word => !word.StartsWith('-'))))}\"; fleethold help lists them");
                    return AskedWrongly;
            }
        }
        catch (StartException expected)
        {
            foreach (var line in expected.Message.Split('\n'))
            {
                await error.WriteLineAsync($"fleethold: {line}");
            }

            return Failed;
        }
        catch (IOException bind) when (bind.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await error.WriteLineAsync($"fleethold: {bind.Message.TrimEnd('.')}: another program listens there; stop it, or choose another address");
            return Failed;
        }
        catch (System.Net.Sockets.SocketException bind)
        {
            await error.WriteLineAsync($"fleethold: a listener can't be opened: {bind.Message}; ports below 1024 need root or CAP_NET_BIND_SERVICE");
            return Failed;
        }
    }

    private static async Task<int> Serve(string[] rest, TextWriter output, TextWriter error)
    {
        var report = ConfigurationReader.Load(rest, Environment.GetEnvironmentVariable);
        if (report.WantsHelp)
        {
            await output.WriteLineAsync("fleethold serve [FLAGS]\n\n" + ConfigurationHelp.Flags());
            return Done;
        }

        if (report.Operands.Count > 0)
        {
            await error.WriteLineAsync($"fleethold: serve takes flags only, not \"{Problem.Shown(report.Operands[0])}\"");
            return AskedWrongly;
        }

        if (report.Configuration is not { } configuration)
        {
            foreach (var line in report.Lines())
            {
                await error.WriteLineAsync($"fleethold: {line}");
            }

            return AskedWrongly;
        }

        await using var app = Program.Compose(configuration);
        StartLog.Tell(app, report.Warnings);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.StopAsync();
            throw;
        }

        await app.WaitForShutdownAsync();
        return Done;
    }

    private static async Task<int> CheckConfiguration(string[] rest, TextWriter output, TextWriter error)
    {
        var report = ConfigurationReader.Check(rest, Environment.GetEnvironmentVariable);
        if (report.WantsHelp)
        {
            await output.WriteLineAsync("fleethold config check [FILE...] [FLAGS]\n\n" + ConfigurationHelp.Flags());
            return Done;
        }

        foreach (var line in report.Lines())
        {
            await (report.IsValid ? output : error).WriteLineAsync(line);
        }

        return report.IsValid ? Done : AskedWrongly;
    }
}
