using Fleethold.Runtime;
using Fleethold.Storage.Etcd;
using Fleethold.Storage.Logs;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace Fleethold.Storage;

/// <summary>A key slot, for people.</summary>
/// <param name="Name">Its name, which is made from the key.</param>
/// <param name="Label">Whose key it is, where that is known.</param>
public sealed record KeySlotName(string Name, string Label);

/// <summary>An open store: the log that the state drives, and what operators do with the store besides.</summary>
public sealed class FleetholdStore
{
    private readonly ISealedStore _sealed;
    private readonly StorageOptions _options;
    private readonly KeySourceReader _reader;

    private FleetholdStore(ICommitLog log, StorageOptions options, KeySourceReader reader)
    {
        (Log, _sealed, _options, _reader) = (log, (ISealedStore)log, options, reader);
        LeadershipLost = (log as EtcdCommitLog)?.LeadershipLost ?? new TaskCompletionSource().Task;
    }

    /// <summary>The log. Whoever opens a state on it hands it over; otherwise it must be disposed of.</summary>
    public ICommitLog Log { get; }

    /// <summary>Ends when another server took over the account in etcd: this one must stop. Never with the embedded store.</summary>
    public Task LeadershipLost { get; }

    /// <summary>The slots that hold the master key.</summary>
    public IReadOnlyList<KeySlotName> KeySlots => _sealed.Slots.Document.Slots.ConvertAll(slot => new KeySlotName(slot.Name, slot.Label));

    /// <summary>Opens a store, or makes a new one.</summary>
    /// <exception cref="CommitLogException">It can't be opened; the message says what to do.</exception>
    public static async ValueTask<FleetholdStore> Open(StorageOptions options, TimeProvider clock, CancellationToken cancellation)
    {
        var reader = NewReader();
        var keys = new ConfiguredKeys(options.KeysOrDefault, options.RecipientFiles, reader);
        ICommitLog log = options.Etcd is { } etcd
            ? await EtcdCommitLog.Open(etcd, keys, clock, cancellation)
            : await SqliteCommitLog.Open(options.DataDirectory, keys, cancellation);
        return new FleetholdStore(log, options, reader);
    }

    /// <summary>Adds slots for further keys, each of which opens the store from then on. Keys that have one already change nothing.</summary>
    /// <exception cref="CommitLogException">A key can't be read or the store can't be written.</exception>
    public async Task AddKeySlots(IReadOnlyList<KeySource> keys, IReadOnlyList<string> recipientFiles, CancellationToken cancellation) => await Explained(async () =>
    {
        var recipients = await Recipients(keys, recipientFiles, cancellation);
        await _sealed.ChangeSlots(slots => slots.With(recipients));
    });

    /// <summary>Removes a slot. Its key still knows the master key: rotate that when the key fell into wrong hands.</summary>
    /// <exception cref="CommitLogException">There is no such slot, it is the last one, or the store can't be written.</exception>
    public Task RemoveKeySlot(string name) => Explained(() => _sealed.ChangeSlots(slots => slots.Without(name)));

    /// <summary>Makes a new master key and seals everything with it while the server works; after a crash it goes on with the next start.</summary>
    /// <exception cref="CommitLogException">A slot can't get the new key, or the store can't be written.</exception>
    public Task RotateMasterKey(CancellationToken cancellation) => Explained(async () =>
    {
        var logs = Path.Combine(_options.DataDirectory, MachineLogOptions.FileName);
        var before = _sealed.Slots.Keys;
        await _sealed.RotateMasterKey(await Recipients(_options.KeysOrDefault, _options.RecipientFiles, cancellation));
        MachineLogKey.SealAnew(logs, before, _sealed.Slots.Keys);
    });

    /// <summary>
    /// Copies the embedded store into one file, as of one moment, while it is written to or while no server runs. The copy is sealed as the store is:
    /// keep its key elsewhere.
    /// </summary>
    /// <param name="options">The store.</param>
    /// <param name="file">The new file; must not exist.</param>
    /// <param name="cancellation">Stops and removes what was copied.</param>
    /// <exception cref="CommitLogException">It can't be copied; the message says what to do.</exception>
    public static Task Backup(StorageOptions options, string file, CancellationToken cancellation) => options.Etcd is null
        ? Task.Run(() => SqliteBackup.Backup(Path.Combine(options.DataDirectory, DataDirectory.DatabaseName), file, cancellation), cancellation)
        : throw new CommitLogException("the store is in etcd: back that up with etcdctl snapshot save");

    /// <summary>Puts a copy made by <see cref="Backup"/> into the data directory, after checking that it is whole and that the keys open it.</summary>
    /// <param name="options">The store; no server may use it.</param>
    /// <param name="file">The copy.</param>
    /// <param name="present">What happens to a store that is there.</param>
    /// <param name="cancellation">Stops before anything is replaced.</param>
    /// <exception cref="CommitLogException">Nothing was restored; the message says why and what to do.</exception>
    public static async Task Restore(StorageOptions options, string file, PresentStore present, CancellationToken cancellation)
    {
        if (options.Etcd is not null)
        {
            throw new CommitLogException("the store is in etcd: restore that with etcdctl snapshot restore");
        }

        var keys = new ConfiguredKeys(options.KeysOrDefault, options.RecipientFiles, NewReader());
        await SqliteBackup.Restore(file, options.DataDirectory, keys, present, cancellation);
    }

    /// <summary>Opens the logs of machines, sealed as the store is (docs/decisions, 9). Dispose of them before the store.</summary>
    /// <exception cref="CommitLogException">They can't be opened; the message says what to do.</exception>
    public MachineLogStore OpenMachineLogs(MachineLogOptions options, TimeProvider clock, ILogger log) =>
        MachineLogStore.Open(options, () => _sealed.Slots.Keys, clock, log);

    private static KeySourceReader NewReader() =>
        new(Environment.GetEnvironmentVariable, new HttpClient { Timeout = TimeSpan.FromSeconds(15) });

    private static async Task Explained(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (SealException failure)
        {
            throw new CommitLogException(failure.Message, CommitOutcome.NotWritten, failure);
        }
    }

    private async Task<IReadOnlyList<ISlotRecipient>> Recipients(IReadOnlyList<KeySource> keys, IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var recipients = new List<ISlotRecipient>();
        foreach (var source in keys)
        {
            recipients.Add(await _reader.Read(source, storeIsNew: false, cancellation));
        }

        recipients.AddRange(files.Select(KeySourceReader.ReadRecipient));
        return recipients;
    }
}
