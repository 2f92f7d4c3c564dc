using Fleethold.Runtime;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;
using Fleethold.Testing;

namespace Fleethold.Storage.Tests.Sqlite;

public sealed class RotationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Changes _changes = new();

    [Fact]
    public async Task A_rotation_seals_everything_anew_while_writes_go_on()
    {
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            await Fill(log, 3_000);

            var rotation = log.RotateMasterKey([TestKeys.Secret(1)]);
            for (var round = 0; round < 50; round++)
            {
                await log.Commit([_changes.Put($"id-{round * 7}", "changed"), _changes.Destroy($"id-{round * 7 + 1}"), _changes.Put($"new-{round}", "x")], Deadline.Token);
            }

            await Deadline.Within(rotation);
            Assert.Equal([2u], log.Slots.Keys.Select(key => key.Id));
            Assert.Equal([2u], KeysInUse(log));
        }

        await using var again = await Open();
        var loaded = await again.Load(Deadline.Token);
        _changes.ShouldBe(loaded);
        Assert.Equal(50, loaded.Tombstones.Count);
    }

    [Fact]
    public async Task An_interrupted_rotation_goes_on_with_the_next_start()
    {
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            await Fill(log, 3_000);

            // The new key is stored, and the process ends before anything is sealed anew.
            await log.ChangeSlots(slots => slots.WithNewKey([TestKeys.Secret(1)]));
            await log.Commit([_changes.Put("id-1", "changed"), _changes.Destroy("id-2"), _changes.Destroy("id-3"), _changes.Put("id-3", "again")], Deadline.Token);
        }

        // Each start goes on, and may be interrupted again anywhere.
        for (var start = 0; start < 3; start++)
        {
            await using var log = await Open();
            Assert.True(start > 0 || log.Slots.Keys.Count == 2);
            _changes.ShouldBe(await log.Load(Deadline.Token));
            await log.Commit([_changes.Put("id-1", $"start {start}")], Deadline.Token);
        }

        await using (var log = await Open())
        {
            _changes.ShouldBe(await log.Load(Deadline.Token));
            await log.Commit([_changes.Put("id-5", "changed"), _changes.Destroy("id-6")], Deadline.Token);

            // Waits for the one that goes on, then does one more.
            await Deadline.Within(log.RotateMasterKey([TestKeys.Secret(1)]));
            Assert.Single(KeysInUse(log));
        }

        await using var again = await Open();
        _changes.ShouldBe(await again.Load(Deadline.Token));
    }

    [Fact]
    public async Task Slots_are_added_and_removed_for_good()
    {
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            await Fill(log, 10);
            await log.ChangeSlots(slots => slots.With([TestKeys.Secret(2)]).Without(TestKeys.Secret(1).SlotName));
        }

        var failure = await Assert.ThrowsAsync<CommitLogException>(async () => await Open());
        Assert.Contains(TestKeys.Secret(2).SlotName, failure.Message, StringComparison.Ordinal);
        await using var again = await SqliteCommitLog.Open(_folder.PathOf("data"), new TestKeys(TestKeys.Secret(2)), Deadline.Token);
        _changes.ShouldBe(await again.Load(Deadline.Token));
    }

    public void Dispose() => _folder.Dispose();

    private ValueTask<SqliteCommitLog> Open() => SqliteCommitLog.Open(_folder.PathOf("data"), TestKeys.Default, Deadline.Token);

    private async Task Fill(SqliteCommitLog log, int count) =>
        await log.Commit([.. Enumerable.Range(0, count).Select(index => _changes.Put($"id-{index}", $"content {index}"))], Deadline.Token);

    private static List<uint> KeysInUse(SqliteCommitLog log) => log.OnDatabase(database =>
    {
        var keys = new SortedSet<uint>();
        using var rows = database.Prepare("SELECT body FROM log");
        while (rows.Step())
        {
            keys.Add(SealingLane.KeyIdOf(rows.Bytes(0)));
        }

        return keys.ToList();
    });
}
