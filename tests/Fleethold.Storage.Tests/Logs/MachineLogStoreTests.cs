using System.Security.Cryptography;
using System.Text;
using Fleethold.Runtime;
using Fleethold.Storage.Logs;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;
using Fleethold.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Fleethold.Storage.Tests.Logs;

public sealed class MachineLogStoreTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TemporaryFolder _folder = new();
    private IReadOnlyList<MasterKey> _master = [MasterKey.Generate(1)];
    private MachineLogStore? _store;

    private string File => _folder.PathOf(MachineLogOptions.FileName);

    public async ValueTask DisposeAsync()
    {
        await Close();
        _folder.Dispose();
    }

    [Fact]
    public async Task Lines_come_back_raw_in_order_and_by_machine()
    {
        Open();
        var raw = new byte[] { 0, 255, (byte)'{', 13 };
        Assert.True(_store!.TryWrite("one", raw));
        Write("two", "other");
        Write("one", "2", "3");
        await _store.Flush();
        var lines = await ReadBytes("one", -1);
        Assert.Equal(raw, lines[0]);
        Assert.Equal(["other"], await Read("two", -1));
        Assert.Equal(["2", "3"], await Read("one", 2));
        Assert.Equal(["3"], await Read("one", 1));
        Assert.Equal(3, (await Read("one", 100)).Count);
        Assert.Empty(await Read("one", 0));
        Assert.True(_store.Has("one"));
        Assert.False(_store.Has("three"));
    }

    [Fact]
    public async Task Lines_survive_a_restart_and_a_new_master_key()
    {
        Open();
        Write("one", "before");
        await Close();

        Open();
        Assert.Equal(["before"], await Read("one", -1));
        _master = [.. _master, MasterKey.Generate(2)];
        Write("one", "while rotating");
        await Close();

        _master = [_master[^1]];
        Open();
        Write("one", "after");
        await _store!.Flush();
        Assert.Equal(["before", "while rotating", "after"], await Read("one", -1));
    }

    [Fact]
    public async Task Lines_survive_a_rotation_while_no_server_runs()
    {
        var options = new StorageOptions { DataDirectory = _folder.Path };
        var store = await FleetholdStore.Open(options, TimeProvider.System, Deadline.Token);
        await store.Log.Load(Deadline.Token);
        _store = store.OpenMachineLogs(new MachineLogOptions { File = File }, _clock, NullLogger.Instance);
        Write("one", "kept");
        await Close();
        await store.RotateMasterKey(Deadline.Token);
        await store.Log.DisposeAsync();

        store = await FleetholdStore.Open(options, TimeProvider.System, Deadline.Token);
        _store = store.OpenMachineLogs(new MachineLogOptions { File = File }, _clock, NullLogger.Instance);
        Assert.Equal(["kept"], await Read("one", -1));
        await Close();
        await store.Log.DisposeAsync();
    }

    [Fact]
    public async Task Neither_line_nor_machine_can_be_read_on_disk()
    {
        Open();
        Write("machine-4c4c4544", "a token that nobody may see");
        await _store!.Flush();
        Assert.DoesNotContain("nobody may see", OnDisk());
        Assert.DoesNotContain("4c4c4544", OnDisk());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        await Close();
        Assert.DoesNotContain("nobody may see", OnDisk());
    }

    [Fact]
    public async Task With_foreign_keys_the_logs_begin_anew()
    {
        Open();
        Write("one", "lost");
        await Close();
        _master = [MasterKey.Generate(1)];
        Open();
        Assert.False(_store!.Has("one"));
        Write("one", "new");
        await _store.Flush();
        Assert.Equal(["new"], await Read("one", -1));
    }

    [Fact]
    public async Task A_damaged_file_is_moved_aside()
    {
        await System.IO.File.WriteAllBytesAsync(File, RandomNumberGenerator.GetBytes(20_000), TestContext.Current.CancellationToken);
        Open();
        Write("one", "new");
        await _store!.Flush();
        Assert.Equal(["new"], await Read("one", -1));
        Assert.True(System.IO.File.Exists(File + ".damaged"));
    }

    [Fact]
    public void A_file_of_another_program_is_refused_and_stays()
    {
        using (var other = SqliteDatabase.Open(File, writable: true))
        {
            other.Execute("CREATE TABLE mine (x)");
        }

        Assert.Contains("belongs to another program", Assert.Throws<CommitLogException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_moved_row_is_skipped_and_counted()
    {
        Open();
        Write("one", "1");
        Write("two", "2");
        await Close();
        using (var database = SqliteDatabase.Open(File, writable: true))
        {
            database.Execute("UPDATE machine_logs SET machine_id = (SELECT machine_id FROM machine_logs WHERE id = 1)");
        }

        Open();
        Assert.Equal(["1"], await Read("one", -1));
        Assert.Equal(1, _store!.Counters.Damaged);
    }

    [Fact]
    public async Task A_follower_sees_each_line_once_and_ends_when_the_machine_is_removed()
    {
        Open();
        Write("one", "1", "2");
        await _store!.Flush();
        await using var follower = _store.Read("one", 1, follow: true, Deadline.Token).GetAsyncEnumerator(Deadline.Token);
        Assert.Equal("2", await Next(follower));
        var next = Next(follower);
        Write("two", "of another");
        await _store.Flush();
        Assert.False(next.IsCompleted);
        Write("one", "3", "4");
        Assert.Equal("3", await next);
        Assert.Equal("4", await Next(follower));
        next = Next(follower);
        await _store.Remove("one");
        Assert.Null(await next);
        Assert.False(_store.Has("one"));
        Assert.True(_store.Has("two"));
    }

    [Fact]
    public async Task Following_without_history_gives_only_what_is_new_and_ends_with_the_store()
    {
        Open();
        Write("one", "old");
        await _store!.Flush();
        await using var follower = _store.Read("one", 0, follow: true, Deadline.Token).GetAsyncEnumerator(Deadline.Token);
        var next = Next(follower);
        Write("one", "new");
        Assert.Equal("new", await next);
        next = Next(follower);
        await Close();
        Assert.Null(await next);
    }

    [Fact]
    public async Task A_follower_goes_on_when_its_newest_lines_were_cleaned_away()
    {
        Open();
        Write("one", "old");
        await _store!.Flush();
        await using var follower = _store.Read("one", -1, follow: true, Deadline.Token).GetAsyncEnumerator(Deadline.Token);
        Assert.Equal("old", await Next(follower));
        _clock.Advance(TimeSpan.FromDays(31));
        await _store.CleanUp(Deadline.Token);
        Assert.False(_store.Has("one"));
        Write("one", "new");
        Assert.Equal("new", await Next(follower));
    }

    [Fact]
    public async Task A_machine_that_comes_again_keeps_its_new_lines()
    {
        Open();
        Write("one", "old");
        var removal = _store!.Remove("one");
        Write("one", "new");
        await removal;
        await _store.Flush();
        Assert.Equal(["new"], await Read("one", -1));
    }

    [Fact]
    public async Task A_machine_keeps_its_newest_lines_up_to_the_limit()
    {
        Open(options => options with { LinesPerMachine = 50, TrimEvery = 10 });
        for (var line = 1; line <= 175; line++)
        {
            Write("one", FormattableString.Invariant($"{line}"));
        }

        Write("two", "other");
        await _store!.Flush();
        var lines = await Read("one", -1);
        Assert.InRange(lines.Count, 50, 60);
        Assert.Equal("175", lines[^1]);
        Assert.Equal(["other"], await Read("two", -1));
    }

    [Fact]
    public async Task Old_lines_go_at_the_interval()
    {
        Open(options => options with { MaxAge = TimeSpan.FromHours(1), CleanUpInterval = TimeSpan.FromMinutes(50) });
        for (var line = 0; line < 2500; line++)
        {
            Write("one", "old");
        }

        await _store!.Flush();
        _clock.Advance(TimeSpan.FromMinutes(45));
        Write("one", "young");
        await _store.Flush();
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2501, (await Read("one", -1)).Count);
        _clock.Advance(TimeSpan.FromMinutes(15));
        await _store.CleanUp(Deadline.Token);
        Assert.Equal(["young"], await Read("one", -1));
    }

    [Fact]
    public async Task The_clean_up_runs_by_itself()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Open(options => options with
        {
            ExistingMachines = _ =>
            {
                asked.TrySetResult();
                return new ValueTask<IReadOnlyCollection<string>>([]);
            },
        });
        while (!asked.Task.IsCompleted)
        {
            Deadline.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromMinutes(30));
            await Task.Yield();
        }

        await asked.Task;
    }

    [Fact]
    public async Task Lines_of_machines_that_are_gone_go()
    {
        Open(options => options with { ExistingMachines = _ => new ValueTask<IReadOnlyCollection<string>>(["two"]) });
        Write("one", "1");
        Write("two", "2");
        Write("three", "3");
        await _store!.Flush();
        await _store.CleanUp(Deadline.Token);
        Assert.False(_store.Has("one"));
        Assert.False(_store.Has("three"));
        Assert.Equal(["2"], await Read("two", -1));
    }

    [Fact]
    public async Task Above_the_size_the_oldest_lines_of_all_go()
    {
        const int Most = 1 << 20;
        Open(options => options with { MaxBytes = Most });
        var line = new string('x', 1000);
        for (var round = 0; round < 3000; round++)
        {
            Write(round % 2 == 0 ? "one" : "two", FormattableString.Invariant($"{round} {line}"));
            if (round % 100 == 0)
            {
                await _store!.Flush();
            }
        }

        await _store!.Flush();
        await _store.CleanUp(Deadline.Token);
        var lines = await Read("two", -1);
        Assert.InRange(lines.Count, 200, 600);
        Assert.StartsWith("2999 ", lines[^1], StringComparison.Ordinal);
        Assert.InRange((await Read("one", -1)).Count, lines.Count - 1, lines.Count + 1);
        Assert.True(new FileInfo(File).Length < 2 * Most);
    }

    [Fact]
    public async Task Long_lines_are_cut()
    {
        Open();
        Write("one", new string('x', 20_000));
        await _store!.Flush();
        Assert.Equal(16 * 1024, (await Read("one", -1))[0].Length);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_says_when_there_is_room()
    {
        Open(options => options with { QueueBytes = 10_000 });
        var line = new byte[1000];
        var refusals = 0;
        for (var written = 0; written < 2000;)
        {
            if (_store!.TryWrite("one", line))
            {
                written++;
            }
            else
            {
                refusals++;
                await Deadline.Within(_store.WhenRoom(Deadline.Token).AsTask());
            }
        }

        await _store!.Flush();
        Assert.Equal(2000, _store.Counters.Stored);
        Assert.Equal(0, _store.Counters.Lost);
        Assert.True(refusals > 0);
        Assert.True(_store.Counters.Commits < 2000, "lines that wait together are stored together");
    }

    [Fact]
    public async Task A_failing_database_loses_lines_that_are_counted_and_recovers()
    {
        Open();
        using (var other = SqliteDatabase.Open(File, writable: true))
        {
            other.Execute("ALTER TABLE machine_logs RENAME TO hidden");
            Write("one", "lost");
            await _store!.Flush();
            Assert.Equal(1, _store.Counters.Lost);
            other.Execute("ALTER TABLE hidden RENAME TO machine_logs");
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        Write("one", "stored");
        var flushed = _store.Flush();
        while (!flushed.IsCompleted)
        {
            Deadline.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(["stored"], await Read("one", -1));
    }

    [Fact]
    public async Task Forgetful_logs_leave_nothing()
    {
        _store = MachineLogStore.OpenForgetful(new MachineLogOptions { File = File }, _clock, NullLogger.Instance);
        Write("one", "1");
        await _store.Flush();
        Assert.Equal(["1"], await Read("one", -1));
        await Close();
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private void Open(Func<MachineLogOptions, MachineLogOptions>? change = null)
    {
        var options = new MachineLogOptions { File = File };
        _store = MachineLogStore.Open(change?.Invoke(options) ?? options, () => _master, _clock, NullLogger.Instance);
    }

    private async Task Close()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
            _store = null;
        }
    }

    private void Write(string machine, params string[] lines)
    {
        foreach (var line in lines)
        {
            Assert.True(_store!.TryWrite(machine, Encoding.UTF8.GetBytes(line)));
        }
    }

    private async Task<List<byte[]>> ReadBytes(string machine, long tail)
    {
        var lines = new List<byte[]>();
        await foreach (var line in _store!.Read(machine, tail, follow: false, Deadline.Token))
        {
            lines.Add(line);
        }

        return lines;
    }

    private async Task<List<string>> Read(string machine, long tail) => (await ReadBytes(machine, tail)).ConvertAll(Encoding.UTF8.GetString);

    private static async Task<string?> Next(IAsyncEnumerator<byte[]> lines) =>
        await Deadline.Within(lines.MoveNextAsync().AsTask()) ? Encoding.UTF8.GetString(lines.Current) : null;

    private string OnDisk() => string.Concat(Directory.GetFiles(_folder.Path).Select(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }));
}
