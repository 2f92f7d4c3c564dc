using Fleethold.Server.Host;
using Fleethold.Server.Observation;

namespace Fleethold.Server.Commands;

/// <summary>The commands of <c>fleethold</c>. Exit codes: 0 done, 1 failed, 2 asked wrongly.</summary>
internal static class CommandLine
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int AskedWrongly = 2;

    /// <summary>Runs one command. What a person can do something about is one line on <paramref name="error"/>, without a stack trace.</summary>
    public static async Task<int> Run(string[] arguments, TextWriter output, TextWriter error)
    {
        try
        {
            switch (arguments)
            {
                case ["version"]:
                    await output.WriteLineAsync($"fleethold {Metrics.Version}");
                    return Done;
                case ["serve", .. var rest]:
                    return await Serve(rest);
                default:
                    await error.WriteLineAsync("fleethold: usage: fleethold serve | version");
                    return AskedWrongly;
            }
        }
        catch (StartException expected)
        {
            await error.WriteLineAsync($"fleethold: {expected.Message}");
            return Failed;
        }
        catch (IOException bind) when (bind.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await error.WriteLineAsync($"fleethold: {bind.Message.TrimEnd('.')}: another program listens there");
            return Failed;
        }
    }

    private static async Task<int> Serve(string[] rest)
    {
        var folder = rest is ["--data", var path] ? path : "data";
        await using var app = Program.Compose(new ServerOptions { DataFolder = Path.GetFullPath(folder) });
        await app.RunAsync();
        return Done;
    }
}
