using Fleethold.Runtime;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Server.States;
using Fleethold.Storage;
using Fleethold.Storage.Sealing;

namespace Fleethold.Server.Commands;

/// <summary>What operators do with the store besides serving it. All take the flags of <c>serve</c>, which say where the store and its keys are.</summary>
internal static class StoreCommands
{
    private const string ReplaceFlag = "--replace";

    /// <summary>Copies the store into a file; a server may run meanwhile.</summary>
    public static async Task<int> Backup(ServerConfiguration configuration, IReadOnlyList<string> operands, TextWriter output)
    {
        var file = One(operands, "fleethold backup FILE");
        await Explained(() => FleetholdStore.Backup(StoreOptions.From(configuration), file, CancellationToken.None));
        await output.WriteLineAsync($"the store is copied to {file}; it is sealed, so keep its key as well, elsewhere");
        return Executable.Done;
    }

    /// <summary>Puts a copy in the place of the store, which no server may use.</summary>
    public static async Task<int> Restore(ServerConfiguration configuration, IReadOnlyList<string> operands, PresentStore present, TextWriter output)
    {
        var file = One(operands, $"fleethold restore FILE [{ReplaceFlag}]");
        await Explained(() => FleetholdStore.Restore(StoreOptions.From(configuration), file, present, CancellationToken.None));
        await output.WriteLineAsync($"the store is restored from {file}");
        return Executable.Done;
    }

    /// <summary>Lists, adds and removes the keys that open the store, or makes a new master key; no server may use the store meanwhile.</summary>
    public static async Task<int> Keys(ServerConfiguration configuration, string verb, IReadOnlyList<string> operands, TextWriter output)
    {
        if (verb is not ("list" or "add" or "remove" or "rotate"))
        {
            throw new UsageException($"fleethold keys {verb}: there is list, add, remove and rotate");
        }

        await Explained(async () =>
        {
            var store = await FleetholdStore.Open(StoreOptions.From(configuration), TimeProvider.System, CancellationToken.None);
            await using var log = store.Log;
            switch (verb)
            {
                case "add":
                    var (sources, recipients) = Read(One(operands, "fleethold keys add FILE"));
                    await store.AddKeySlots(sources, recipients, CancellationToken.None);
                    break;
                case "remove":
                    await store.RemoveKeySlot(One(operands, "fleethold keys remove NAME"));
                    break;
                case "rotate":
                    await store.Log.Load(CancellationToken.None);
                    await store.RotateMasterKey(CancellationToken.None);
                    break;
            }

            foreach (var slot in store.KeySlots)
            {
                await output.WriteLineAsync($"{slot.Name}\t{slot.Label}");
            }
        });
        return Executable.Done;
    }

    /// <summary>Takes the flag of restore out of a command line.</summary>
    public static (string[] Others, PresentStore Present) TakeReplace(string[] arguments) =>
        ([.. arguments.Where(argument => argument != ReplaceFlag)], arguments.Contains(ReplaceFlag) ? PresentStore.Replace : PresentStore.Keep);

    private static (IReadOnlyList<KeySource> Sources, IReadOnlyList<string> Recipients) Read(string file)
    {
        if (file.StartsWith("vault://", StringComparison.Ordinal))
        {
            return KeySource.TryParse(file, out var vault, out var problem) ? ([vault], []) : throw new StartException($"{file} {problem}");
        }

        try
        {
            using var reader = new StreamReader(file);
            return (reader.ReadLine() ?? "").Contains("BEGIN PGP PUBLIC KEY", StringComparison.Ordinal) ? ([], [file]) : ([new KeySource.KeyFile(file)], []);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the key {file} can't be read: {failure.Message}", failure);
        }
    }

    private static string One(IReadOnlyList<string> operands, string usage) => operands is [var one] ? one : throw new UsageException($"usage: {usage}");

    private static async Task Explained(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (CommitLogException failure)
        {
            throw new StartException(failure.Message, failure);
        }
    }
}

/// <summary>A command was given wrongly.</summary>
/// <param name="message">How it is given.</param>
internal sealed class UsageException(string message) : Exception(message);
