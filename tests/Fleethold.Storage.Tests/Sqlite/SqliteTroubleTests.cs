using System.Globalization;
using Fleethold.Runtime;
using Fleethold.Storage.Sqlite;
using Fleethold.Testing;
using SQLitePCL;

namespace Fleethold.Storage.Tests.Sqlite;

public sealed class SqliteTroubleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.PathOf("data");

    private string Database => Path.Combine(Data, DataDirectory.DatabaseName);

    [Fact]
    public async Task A_second_server_is_refused_until_the_first_one_ends()
    {
        var first = await Open();

        await Refused("in use by another server");

        await first.DisposeAsync();
        await (await Open()).DisposeAsync();
    }

    [Fact]
    public async Task A_wrong_key_is_refused_and_nothing_is_changed()
    {
        await Fill(10);
        var before = await File.ReadAllBytesAsync(Database, Deadline.Token);

        await Refused("none of the configured keys opens the store", new TestKeys(TestKeys.Secret(9)));

        Assert.Equal(before, await File.ReadAllBytesAsync(Database, Deadline.Token));
        await using var log = await Open();
        Assert.Equal(10, (await log.Load(Deadline.Token)).Resources.Count);
    }

    [Fact]
    public async Task A_file_of_another_program_is_refused()
    {
        Directory.CreateDirectory(Data);
        using (var other = SqliteDatabase.Open(Database, writable: true))
        {
            other.Execute("CREATE TABLE theirs (x)");
        }

        await Refused("belongs to another program");

        await File.WriteAllTextAsync(Database, new string('x', 10_000), Deadline.Token);
        await Refused("is not a SQLite database");
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused()
    {
        await Fill(1);
        Tamper(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {SqliteSchema.Steps.Count + 1}"));

        await Refused("was written by a newer version");
    }

    [Theory]
    [InlineData("DELETE FROM log WHERE position = 4")]
    [InlineData("DELETE FROM log WHERE position = 1")]
    [InlineData("DELETE FROM log")]
    public async Task Lost_rows_are_noticed(string sql)
    {
        await Fill(10);
        Tamper(sql);

        // Only the newest rows can be lost unnoticed, as if they had never been written.
        await (sql == "DELETE FROM log" ? Unharmed(0) : RefusedToLoad("is damaged"));
    }

    [Theory]
    [InlineData("UPDATE log SET body = (SELECT body FROM log WHERE position = 5) WHERE position = 4")]
    [InlineData("UPDATE log SET head = (SELECT head FROM log WHERE position = 5) WHERE position = 4")]
    [InlineData("UPDATE log SET body = substr(body, 1, 40) WHERE position = 4")]
    [InlineData("UPDATE log SET head = substr(head, 1, 40) WHERE position = 4")]
    public async Task Changed_rows_are_noticed(string sql)
    {
        await Fill(10);
        Tamper(sql);

        await RefusedToLoad("restore the store");
    }

    [Fact]
    public async Task A_torn_file_is_noticed()
    {
        await Fill(2_000);
        using (var file = File.OpenWrite(Database))
        {
            file.SetLength(file.Length / 2 / 8192 * 8192);
        }

        await RefusedToLoad("restore the store from a backup");
    }

    [Fact]
    public async Task Overwritten_pages_are_noticed()
    {
        await Fill(2_000);
        using (var file = File.OpenWrite(Database))
        {
            file.Position = file.Length / 2 / 8192 * 8192;
            file.Write(new byte[3 * 8192]);
        }

        await RefusedToLoad("restore the store from a backup");
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_until_there_is_space_and_loses_nothing()
    {
        var changes = new Changes();
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            await log.Commit([changes.Put("before", "1")], Deadline.Token);
            log.OnDatabase(database =>
            {
                database.Execute("PRAGMA max_page_count = 20");
                return true;
            });

            var revision = changes.Revision;
            var failure = await Assert.ThrowsAsync<CommitLogException>(
                async () => await log.Commit([.. Enumerable.Range(0, 500).Select(index => changes.Put($"no-{index}", new string('x', 2000)))], Deadline.Token));
            Assert.Equal(CommitOutcome.NotWritten, failure.Outcome);
            Assert.Contains("is full: free space", failure.Message, StringComparison.Ordinal);

            log.OnDatabase(database =>
            {
                database.Execute("PRAGMA max_page_count = 1073741823");
                return true;
            });
            changes = new Changes { Revision = revision - 1 };
            changes.Put("before", "1");
            await log.Commit([changes.Put("after", "2")], Deadline.Token);
        }

        await using var again = await Open();
        Assert.Equal(["after", "before"], (await again.Load(Deadline.Token)).Resources.Select(one => one.Resource.Metadata.Id).Order());
    }

    [Fact]
    public async Task A_commit_that_is_tried_again_is_written_once()
    {
        var changes = new Changes();
        var batch = new[] { changes.Put("a", "1"), changes.Put("b", "2") };
        await using var log = await Open();
        await log.Load(Deadline.Token);

        await log.Commit(batch, Deadline.Token);
        await log.Commit(batch, Deadline.Token);

        Assert.Equal(2, log.OnDatabase(database => database.Number("SELECT count(*) FROM log")));
    }

    [Fact]
    public async Task A_commit_whose_outcome_is_not_known_is_tried_again_after_opening_the_store_anew()
    {
        var changes = new Changes();
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            await log.Commit([changes.Put("a", "1")], Deadline.Token);
            log.OnDatabase(database =>
            {
                raw.sqlite3_commit_hook(database.Handle, _ => 1, null);
                return true;
            });
            var batch = new[] { changes.Put("b", "2"), changes.Destroy("a") };
            var unknown = await Assert.ThrowsAsync<CommitLogException>(async () => await log.Commit(batch, Deadline.Token));
            Assert.Equal(CommitOutcome.Unknown, unknown.Outcome);

            await log.Commit(batch, Deadline.Token);
            await log.Commit([changes.Put("b", "4")], Deadline.Token);
        }

        await using var again = await Open();
        changes.ShouldBe(await again.Load(Deadline.Token));
    }

    [Theory]
    [InlineData(raw.SQLITE_FULL, "free space")]
    [InlineData(raw.SQLITE_READONLY, "give the server's user write access")]
    [InlineData(raw.SQLITE_CANTOPEN, "check that")]
    [InlineData(raw.SQLITE_NOTADB, "restore the store from a backup")]
    [InlineData(raw.SQLITE_CORRUPT, "restore the store from a backup")]
    [InlineData(raw.SQLITE_BUSY, "another program uses")]
    [InlineData(raw.SQLITE_IOERR_FSYNC, "look into the kernel's log")]
    public void Every_trouble_is_told_with_what_to_do(int code, string remedy)
    {
        Assert.Contains(remedy, SqliteFailure.Explain(new SqliteError(code, "text of SQLite"), Database).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_where_nothing_can_be_written_is_refused_with_what_to_do()
    {
        var failure = await Assert.ThrowsAsync<CommitLogException>(async () => await SqliteCommitLog.Open("/proc/fleethold", TestKeys.Default, Deadline.Token));

        Assert.Contains("make it writable", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_schema_is_brought_to_the_newest_in_one_step_each()
    {
        await Fill(3);
        using (var database = SqliteDatabase.Open(Database, writable: true))
        {
            SqliteSchema.Migrate(database, Database, [.. SqliteSchema.Steps, ["ALTER TABLE log ADD COLUMN note TEXT"], ["UPDATE log SET note = 'seen'"]]);

            Assert.Equal(SqliteSchema.Steps.Count + 2, database.Number("PRAGMA user_version"));
            Assert.Equal(3, database.Number("SELECT count(*) FROM log WHERE note = 'seen'"));
        }
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_older_schema()
    {
        await Fill(3);
        using (var database = SqliteDatabase.Open(Database, writable: true))
        {
            Assert.Throws<SqliteError>(() => SqliteSchema.Migrate(database, Database, [.. SqliteSchema.Steps, ["DROP TABLE meta", "no sql"]]));
        }

        await Unharmed(3);
    }

    public void Dispose() => _folder.Dispose();

    private ValueTask<SqliteCommitLog> Open(TestKeys? keys = null) => SqliteCommitLog.Open(Data, keys ?? TestKeys.Default, Deadline.Token);

    private async Task Fill(int count)
    {
        var changes = new Changes();
        await using var log = await Open();
        await log.Load(Deadline.Token);
        await log.Commit([.. Enumerable.Range(0, count).Select(index => changes.Put($"id-{index}", new string('x', 500)))], Deadline.Token);
    }

    private void Tamper(string sql)
    {
        using var database = SqliteDatabase.Open(Database, writable: true);
        database.Execute(sql);
    }

    private async Task Refused(string text, TestKeys? keys = null)
    {
        var failure = await Assert.ThrowsAsync<CommitLogException>(async () => await Open(keys));
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    private async Task RefusedToLoad(string text)
    {
        var failure = await Assert.ThrowsAsync<CommitLogException>(async () =>
        {
            await using var log = await Open();
            await log.Load(Deadline.Token);
        });
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    private async Task Unharmed(int count)
    {
        await using var log = await Open();
        Assert.Equal(count, (await log.Load(Deadline.Token)).Resources.Count);
    }
}
