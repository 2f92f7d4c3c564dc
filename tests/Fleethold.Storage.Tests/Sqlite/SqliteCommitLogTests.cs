using Fleethold.Runtime;
using Fleethold.Storage.Sqlite;
using Fleethold.Testing;

namespace Fleethold.Storage.Tests.Sqlite;

public sealed class SqliteCommitLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_new_store_is_empty_and_keeps_its_id()
    {
        long id;
        await using (var log = await Open())
        {
            var loaded = await log.Load(Deadline.Token);
            id = loaded.LogId;
            Assert.Equal((0, 0, 0L, 0L), (loaded.Resources.Count, loaded.Tombstones.Count, loaded.Revision, loaded.Horizon));
        }

        await using var again = await Open();
        Assert.Equal(id, (await again.Load(Deadline.Token)).LogId);
    }

    [Fact]
    public async Task What_was_committed_is_there_after_reopening()
    {
        var changes = new Changes();
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            await log.Commit([changes.Put("a", "1"), changes.Put("b", "2")], Deadline.Token);
            await log.Commit([changes.Put("a", "3"), changes.Destroy("b"), changes.Put("b", "4"), changes.Put("c", "5")], Deadline.Token);
            await log.Commit([changes.Destroy("c")], Deadline.Token);
        }

        await using var again = await Open();
        var loaded = await again.Load(Deadline.Token);
        changes.ShouldBe(loaded);
        Assert.Equal(["b", "c"], loaded.Tombstones.Select(one => one.Resource.Metadata.Id));
        Assert.Equal(["2", "5"], loaded.Tombstones.Select(one => Changes.Content(one.Resource)));
    }

    [Fact]
    public async Task Garbage_is_cleaned_while_writes_go_on_and_nothing_that_counts_is_lost()
    {
        var changes = new Changes();
        var random = new Random(7);
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            for (var batch = 0; batch < 300; batch++)
            {
                var writes = new List<Mutation>();
                for (var write = 0; write < 200; write++)
                {
                    var id = $"id-{random.Next(2_000)}";
                    writes.Add(random.Next(4) == 0 && changes.Present.ContainsKey(id) ? changes.Destroy(id) : changes.Put(id, $"content {changes.Revision}"));
                }

                await log.Commit(writes, Deadline.Token);
            }

            var rows = log.OnDatabase(database => database.Number("SELECT count(*) FROM log"));
            Assert.InRange(rows, 1, 45_000);
        }

        await using var again = await Open();
        var loaded = await again.Load(Deadline.Token);
        changes.ShouldBe(loaded);
        Assert.InRange(loaded.Tombstones.Count, 10_000, 11_000);
        Assert.True(loaded.Horizon > 0 && loaded.Tombstones.All(one => one.Revision > loaded.Horizon));
    }

    public void Dispose() => _folder.Dispose();

    private ValueTask<SqliteCommitLog> Open() => SqliteCommitLog.Open(_folder.PathOf("data"), TestKeys.Default, Deadline.Token);
}
