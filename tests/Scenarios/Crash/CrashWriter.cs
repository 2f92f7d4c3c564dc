using System.Globalization;
using System.Text;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime.States;
using Fleethold.Storage;
using Fleethold.Storage.Etcd;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;

namespace Fleethold.Scenarios.Crash;

/// <summary>
/// The process that gets killed: many writers on one store, each with resources of its own. It says what it tries before it does,
/// and what was acknowledged or refused after: <c>try ID TOKEN</c>, <c>done ID TOKEN</c>, <c>refused ID TOKEN</c>; the token <c>-</c> is a destroy.
/// </summary>
internal static class CrashWriter
{
    public const string Argument = "crash-writer";
    public const string Gone = "-";

    private const int IdsPerWriter = 12;

    /// <summary>The whole content that belongs to a token: a half write shows.</summary>
    public static string Content(string token)
    {
        var random = new Random(token.Sum(letter => letter * 31) + token.Length);
        var content = new StringBuilder(token).Append(' ');
        for (var length = random.Next(20, 3_000); length > 0; length--)
        {
            content.Append((char)('a' + random.Next(26)));
        }

        return content.Append('.').ToString();
    }

    public static async Task<int> Run(string[] arguments)
    {
        var options = CrashOptions.Parse(arguments);
        var store = await FleetholdStore.Open(options.Store, TimeProvider.System, CancellationToken.None);
        if (store.Log is SqliteCommitLog sqlite)
        {
            // Small, so that there are checkpoints in the short life of this process.
            sqlite.Checkpointer.Pages = 64;
            sqlite.OnDatabase(database => options.Pragmas.Count(pragma => database.Number($"PRAGMA {pragma}") >= 0));
        }

        await using var state = await ResourceState.Open(store.Log, TimeProvider.System, CancellationToken.None);
        using var output = options.Output is { } file
            ? new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)
            : Console.OpenStandardOutput();
        var said = new Transcript(output);
        said.Say("ready");
        await Task.WhenAll(Enumerable.Range(0, options.Writers).Select(writer => Task.Run(() => Write(state, said, options, writer))));
        return 0;
    }

    private static async Task Write(ResourceState state, Transcript said, CrashOptions options, int writer)
    {
        var random = new Random(options.Seed * 1000 + writer);
        for (var number = 0; number < options.WritesEach; number++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"w{writer}-{random.Next(IdsPerWriter)}");
            var reference = Kinds.ConfigPatches.Named(id);
            var present = await state.Get(reference);
            var token = present.Fault is null && random.Next(6) == 0
                ? Gone
                : string.Create(CultureInfo.InvariantCulture, $"s{options.Seed}w{writer}n{number}");
            said.Say($"try {id} {token}");
            var outcome = (present.Fault, token) switch
            {
                (not null, _) => await state.Create(Kinds.ConfigPatches.New(id, new ConfigPatchSpec { Data = Content(token) })),
                (null, Gone) => await state.Destroy(reference),
                _ => await state.Update(((Resource<ConfigPatchSpec>)present.Value).With(spec => spec.Data = Content(token))),
            };
            if (outcome.Fault is null)
            {
                said.Say($"done {id} {token}");
            }
            else
            {
                // The store is away: a try whose outcome isn't known may still be made.
                said.Say($"refused {id} {token}");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    private sealed class Transcript(Stream output)
    {
        private readonly Lock _gate = new();

        public void Say(string line)
        {
            var bytes = Encoding.ASCII.GetBytes(line + "\n");
            lock (_gate)
            {
                output.Write(bytes);
                output.Flush();
            }
        }
    }
}

/// <summary>What the process is told.</summary>
internal sealed record CrashOptions
{
    public required string Folder { get; init; }

    /// <summary>Of etcd; null for the embedded store.</summary>
    public Uri? Endpoint { get; init; }

    public int Seed { get; init; }

    public int Writers { get; init; } = 16;

    public int WritesEach { get; init; } = int.MaxValue;

    /// <summary>A file for what it says, instead of the standard output.</summary>
    public string? Output { get; init; }

    public IReadOnlyList<string> Pragmas { get; init; } = [];

    public StorageOptions Store => new()
    {
        DataDirectory = Folder,
        Keys = [new KeySource.KeyFile(Path.Combine(Folder, "../store.key")) { CreateIfMissing = true }],
        Etcd = Endpoint is null ? null : new EtcdOptions
        {
            Endpoints = [Endpoint],
            Account = "crash",
            RetryFor = TimeSpan.FromMilliseconds(200),
            RequestTimeout = TimeSpan.FromSeconds(2),
        },
    };

    public static CrashOptions Parse(string[] arguments) => new()
    {
        Folder = arguments[0],
        Endpoint = arguments[1].Length == 0 ? null : new Uri(arguments[1]),
        Seed = int.Parse(arguments[2], CultureInfo.InvariantCulture),
        Writers = int.Parse(arguments[3], CultureInfo.InvariantCulture),
        WritesEach = int.Parse(arguments[4], CultureInfo.InvariantCulture),
        Output = arguments[5].Length == 0 ? null : arguments[5],
        Pragmas = arguments[6..],
    };

    public IEnumerable<string> ToArguments() =>
    [
        CrashWriter.Argument,
        Folder,
        Endpoint?.ToString() ?? "",
        Seed.ToString(CultureInfo.InvariantCulture),
        Writers.ToString(CultureInfo.InvariantCulture),
        WritesEach.ToString(CultureInfo.InvariantCulture),
        Output ?? "",
        .. Pragmas,
    ];
}
