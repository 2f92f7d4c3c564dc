using Fleethold.Runtime;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;
using Fleethold.Testing;

namespace Fleethold.Storage.Tests.Sqlite;

public sealed class BackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Changes _changes = new();

    private StorageOptions Options => new() { DataDirectory = _folder.PathOf("data") };

    [Fact]
    public async Task A_backup_made_while_writing_goes_on_is_the_store_of_one_moment()
    {
        var file = _folder.PathOf("copy.db");
        var store = await FleetholdStore.Open(Options, TimeProvider.System, Deadline.Token);
        await using (store.Log)
        {
            await store.Log.Load(Deadline.Token);
            for (var batch = 0; batch < 20; batch++)
            {
                await store.Log.Commit([.. Enumerable.Range(0, 250).Select(index => _changes.Put($"id-{batch}-{index}", new string('x', 700)))], Deadline.Token);
            }

            var atLeast = _changes.Revision;
            var backup = FleetholdStore.Backup(Options, file, Deadline.Token);
            while (!backup.IsCompleted)
            {
                await store.Log.Commit([_changes.Put($"late-{_changes.Revision}", "y")], Deadline.Token);
            }

            await backup;
            await FleetholdStore.Restore(Other, file, PresentStore.Keep, Deadline.Token);
            var restored = await FleetholdStore.Open(Other, TimeProvider.System, Deadline.Token);
            await using (restored.Log)
            {
                // Every revision up to one, and none after it.
                var loaded = await restored.Log.Load(Deadline.Token);
                Assert.InRange(loaded.Revision, atLeast, _changes.Revision);
                Assert.Equal(loaded.Revision, loaded.Resources.Count);
            }
        }
    }

    [Fact]
    public async Task A_restored_store_refuses_bookmarks_of_the_one_before()
    {
        var before = await BackedUp();
        await FleetholdStore.Restore(Other, _folder.PathOf("copy.db"), PresentStore.Keep, Deadline.Token);

        var restored = await FleetholdStore.Open(Other, TimeProvider.System, Deadline.Token);
        await using (restored.Log)
        {
            var loaded = await restored.Log.Load(Deadline.Token);
            Assert.NotEqual(before.LogId, loaded.LogId);
            _changes.ShouldBe(loaded);
        }
    }

    [Fact]
    public async Task A_store_that_is_there_is_only_replaced_when_told_and_kept_aside()
    {
        await BackedUp();
        var file = _folder.PathOf("copy.db");

        await Refused(() => FleetholdStore.Restore(Options, file, PresentStore.Keep, Deadline.Token), "there is a store in");
        await FleetholdStore.Restore(Options, file, PresentStore.Replace, Deadline.Token);

        Assert.True(File.Exists(Path.Combine(Options.DataDirectory, "fleethold.db.replaced")));
        var restored = await FleetholdStore.Open(Options, TimeProvider.System, Deadline.Token);
        await using (restored.Log)
        {
            _changes.ShouldBe(await restored.Log.Load(Deadline.Token));
        }
    }

    [Fact]
    public async Task A_store_in_use_is_not_replaced()
    {
        await BackedUp();
        var store = await FleetholdStore.Open(Options, TimeProvider.System, Deadline.Token);
        await using (store.Log)
        {
            await Refused(() => FleetholdStore.Restore(Options, _folder.PathOf("copy.db"), PresentStore.Replace, Deadline.Token), "in use by another server");
        }
    }

    [Fact]
    public async Task A_damaged_backup_or_one_without_its_key_is_not_restored()
    {
        await BackedUp();
        var file = _folder.PathOf("copy.db");
        var wrongKey = Other with { Keys = [new KeySource.KeyFile(_folder.PathOf("wrong.key"))] };
        await File.WriteAllTextAsync(_folder.PathOf("wrong.key"), Convert.ToBase64String(new byte[32]), Deadline.Token);
        await Refused(() => FleetholdStore.Restore(wrongKey, file, PresentStore.Keep, Deadline.Token), "none of the configured keys");

        using (var bytes = File.OpenWrite(file))
        {
            bytes.Position = bytes.Length - 4 * 8192 + 100;
            bytes.Write(new byte[3 * 8192]);
        }

        await Refused(() => FleetholdStore.Restore(Other, file, PresentStore.Keep, Deadline.Token), "use another one");
        await Refused(() => FleetholdStore.Restore(Other, _folder.PathOf("none.db"), PresentStore.Keep, Deadline.Token), "no backup at");
        Assert.False(File.Exists(Path.Combine(Other.DataDirectory, DataDirectory.DatabaseName)));
    }

    [Fact]
    public async Task A_backup_overwrites_nothing()
    {
        await BackedUp();

        await Refused(() => FleetholdStore.Backup(Options, _folder.PathOf("copy.db"), Deadline.Token), "exists already");
        await Refused(() => FleetholdStore.Backup(Other, _folder.PathOf("new.db"), Deadline.Token), "there is no store at");
    }

    public void Dispose() => _folder.Dispose();

    // A second data directory with the key of the first.
    private StorageOptions Other => new()
    {
        DataDirectory = _folder.PathOf("other"),
        Keys = [new KeySource.KeyFile(Path.Combine(Options.DataDirectory, "store.key"))],
    };

    private async Task<LoadedState> BackedUp()
    {
        LoadedState loaded;
        var store = await FleetholdStore.Open(Options, TimeProvider.System, Deadline.Token);
        await using (store.Log)
        {
            loaded = await store.Log.Load(Deadline.Token);
            await store.Log.Commit([.. Enumerable.Range(0, 200).Select(index => _changes.Put($"id-{index}", new string('x', 700)))], Deadline.Token);
        }

        await FleetholdStore.Backup(Options, _folder.PathOf("copy.db"), Deadline.Token);
        return loaded;
    }

    private static async Task Refused(Func<Task> work, string text)
    {
        var failure = await Assert.ThrowsAsync<CommitLogException>(work);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }
}
