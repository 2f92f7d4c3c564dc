using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Server.Observation;
using Fleethold.Server.States;

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

        fleethold serve [FLAGS]                    run the server until it is told to stop
        fleethold config check [FILE...] [FLAGS]   say what is wrong with a configuration, and start nothing
        fleethold backup FILE [FLAGS]              copy the store into a file, also while a server runs
        fleethold restore FILE [--replace] [FLAGS] put such a copy in the place of the store
        fleethold keys list [FLAGS]                list the keys that open the store
        fleethold keys add FILE [FLAGS]            let a further key open it: a key file, an OpenPGP key, vault://MOUNT/PATH
        fleethold keys remove NAME [FLAGS]         take a key its slot
        fleethold keys rotate [FLAGS]              make a new master key and seal everything anew
        fleethold version                          say which version this is

        FLAGS are those of serve, which fleethold serve --help lists.
        """;

    /// <summary>Runs one command. What a person can do something about is told in a line on <paramref name="error"/>, without a stack trace.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(string[] arguments, TextWriter output, TextWriter error)
    {
        try
        {
            return await Dispatch(arguments, output, error);
        }
        catch (UsageException wrong)
        {
            await error.WriteLineAsync($"fleethold: {wrong.Message}");
            return AskedWrongly;
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

    private static async Task<int> Dispatch(string[] arguments, TextWriter output, TextWriter error)
    {
        switch (arguments)
        {
            case ["serve", .. var rest]:
                return await Configured(rest, "serve", output, error, Serve);
            case ["config", "check", .. var rest]:
                return await CheckConfiguration(rest, output, error);
            case ["backup", .. var rest]:
                return await Configured(rest, "backup FILE", output, error, report => StoreCommands.Backup(report.Configuration!, report.Operands, output));
            case ["restore", .. var rest]:
                var (flags, present) = StoreCommands.TakeReplace(rest);
                return await Configured(
                    flags, "restore FILE [--replace]", output, error, report => StoreCommands.Restore(report.Configuration!, report.Operands, present, output));
            case ["keys", { Length: > 0 } verb, .. var rest] when verb[0] != '-':
                return await Configured(rest, $"keys {verb}", output, error, report => StoreCommands.Keys(report.Configuration!, verb, report.Operands, output));
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
                var words = string.Join(' ', arguments.TakeWhile(word => !word.StartsWith('-')));
                throw new UsageException($"there is no command \"{Problem.Shown(words)}\"; fleethold help lists them");
        }
    }

    private static async Task<int> Configured(
        string[] rest, string command, TextWriter output, TextWriter error, Func<ConfigurationReport, Task<int>> run)
    {
        var report = ConfigurationReader.Load(rest, Environment.GetEnvironmentVariable);
        if (report.WantsHelp)
        {
            await output.WriteLineAsync($"fleethold {command} [FLAGS]\n\n{ConfigurationHelp.Flags()}");
            return Done;
        }

        if (report.IsValid)
        {
            return await run(report);
        }

        foreach (var line in report.Lines())
        {
            await error.WriteLineAsync($"fleethold: {line}");
        }

        return AskedWrongly;
    }

    private static async Task<int> Serve(ConfigurationReport report)
    {
        if (report.Operands.Count > 0)
        {
            throw new UsageException($"serve takes flags only, not \"{Problem.Shown(report.Operands[0])}\"");
        }

        await using var app = Program.Compose(report.Configuration!);
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
        return app.Services.GetRequiredService<ServerState>().WasTakenOver ? Failed : Done;
    }

    private static async Task<int> CheckConfiguration(string[] rest, TextWriter output, TextWriter error)
    {
        var report = ConfigurationReader.Check(rest, Environment.GetEnvironmentVariable);
        if (report.WantsHelp)
        {
            await output.WriteLineAsync($"fleethold config check [FILE...] [FLAGS]\n\n{ConfigurationHelp.Flags()}");
            return Done;
        }

        foreach (var line in report.Lines())
        {
            await (report.IsValid ? output : error).WriteLineAsync(line);
        }

        return report.IsValid ? Done : AskedWrongly;
    }
}
