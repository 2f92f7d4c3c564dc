using Fleethold.Runtime;
using Fleethold.Storage.Etcd;
using Fleethold.Testing;

namespace Fleethold.Storage.Tests.Etcd;

public sealed class EtcdCommitLogTests : IAsyncLifetime
{
    private readonly Changes _changes = new();
    private EtcdServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EtcdServer.Start();

    [Fact]
    public async Task What_was_committed_is_there_after_reopening()
    {
        long id;
        await using (var log = await Open())
        {
            id = (await log.Load(Deadline.Token)).LogId;
            await log.Commit([_changes.Put("a", "1"), _changes.Put("b", "2"), _changes.Put("a", "3"), _changes.Destroy("b"), _changes.Put("b", "4")], Deadline.Token);
            await log.Commit([_changes.Put("c", "5"), _changes.Destroy("c")], Deadline.Token);
        }

        await using var again = await Open();
        var loaded = await again.Load(Deadline.Token);
        _changes.ShouldBe(loaded);
        Assert.Equal(id, loaded.LogId);
        Assert.Equal(["2", "5"], loaded.Tombstones.Select(one => Changes.Content(one.Resource)));
    }

    [Fact]
    public async Task A_batch_beyond_the_limits_of_a_transaction_is_split()
    {
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            await log.Commit([.. Enumerable.Range(0, 1_500).Select(index => _changes.Put($"small-{index}", "x"))], Deadline.Token);
            await log.Commit([.. Enumerable.Range(0, 10).Select(index => _changes.Put($"big-{index}", new string('x', 400_000)))], Deadline.Token);
        }

        await using var again = await Open();
        _changes.ShouldBe(await again.Load(Deadline.Token));
    }

    [Fact]
    public async Task A_resource_too_large_for_etcd_is_refused_by_name_and_nothing_of_its_batch_is_written()
    {
        await using var log = await Open();
        await log.Load(Deadline.Token);

        var failure = await Assert.ThrowsAsync<CommitLogException>(
            async () => await log.Commit([_changes.Put("fine", "x"), _changes.Put("giant", new string('x', 2_000_000))], Deadline.Token));

        Assert.Equal(CommitOutcome.NotWritten, failure.Outcome);
        Assert.Contains("giant", failure.Message, StringComparison.Ordinal);
        var next = new Changes { Revision = 10 };
        await log.Commit([next.Put("next", "y")], Deadline.Token);
        await log.DisposeAsync();
        await using var again = await Open();
        Assert.Equal(["next"], (await again.Load(Deadline.Token)).Resources.Select(one => one.Resource.Metadata.Id));
    }

    [Fact]
    public async Task A_second_server_waits_for_the_first_and_is_told_who_leads()
    {
        var first = await Open();

        var failure = await Assert.ThrowsAsync<CommitLogException>(async () => await Open(Options with { LockWait = TimeSpan.Zero }));
        Assert.Contains(Environment.MachineName, failure.Message, StringComparison.Ordinal);

        var waiting = Open(Options with { LockWait = Deadline.Length }).AsTask();
        await first.DisposeAsync();
        await (await Deadline.Within(waiting)).DisposeAsync();
    }

    [Fact]
    public async Task Accounts_share_a_cluster_without_seeing_each_other()
    {
        await using var one = await Open();
        await using var two = await Open(Options with { Account = "two" });
        await one.Load(Deadline.Token);
        await two.Load(Deadline.Token);

        await one.Commit([_changes.Put("a", "1")], Deadline.Token);
        await two.DisposeAsync();

        await using var again = await Open(Options with { Account = "two" });
        Assert.Empty((await again.Load(Deadline.Token)).Resources);
    }

    [Fact]
    public async Task A_server_whose_lock_was_taken_over_writes_nothing_and_tells_its_owner()
    {
        await using var first = await Open();
        await first.Load(Deadline.Token);
        await first.Commit([_changes.Put("a", "1")], Deadline.Token);

        // As if the lease had run out while this process was stopped: another one leads and writes.
        await EtcdTamper.RemoveLock(_server, Options);
        await using var second = await Open();
        await second.Load(Deadline.Token);
        await second.Commit([_changes.Put("b", "2")], Deadline.Token);

        var late = new Changes { Revision = 1 };
        var failure = await Assert.ThrowsAsync<CommitLogException>(async () => await first.Commit([late.Put("late", "3")], Deadline.Token));

        Assert.Equal(CommitOutcome.Unknown, failure.Outcome);
        Assert.Contains("took over", failure.Message, StringComparison.Ordinal);
        await Deadline.Within(first.LeadershipLost);
        await second.DisposeAsync();
        await using var again = await Open();
        _changes.ShouldBe(await again.Load(Deadline.Token));
    }

    [Fact]
    public async Task A_lock_that_ran_out_is_taken_again_when_nobody_else_wrote()
    {
        await using var log = await Open();
        await log.Load(Deadline.Token);
        await log.Commit([_changes.Put("a", "1")], Deadline.Token);

        await EtcdTamper.RemoveLock(_server, Options);
        await log.Commit([_changes.Put("b", "2")], Deadline.Token);

        Assert.False(log.LeadershipLost.IsCompleted);
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_etcd_goes_away_and_comes_back()
    {
        await using (var log = await Open(Options with { RetryFor = TimeSpan.FromMilliseconds(300), RequestTimeout = TimeSpan.FromSeconds(2) }))
        {
            await log.Load(Deadline.Token);
            await log.Commit([_changes.Put("a", "1")], Deadline.Token);
            await _server.Kill();

            var batch = new[] { _changes.Put("b", "2"), _changes.Put("a", "3") };
            var failure = await Assert.ThrowsAsync<CommitLogException>(async () => await log.Commit(batch, Deadline.Token));
            Assert.Equal(CommitOutcome.Unknown, failure.Outcome);
            Assert.Contains("can't be reached", failure.Message, StringComparison.Ordinal);

            await _server.Start();
            await Eventually(async () => await log.Commit(batch, Deadline.Token));
            await log.Commit([_changes.Put("c", "4")], Deadline.Token);
        }

        await using var again = await Open();
        _changes.ShouldBe(await again.Load(Deadline.Token));
    }

    [Fact]
    public async Task A_short_absence_of_etcd_is_bridged()
    {
        await using var log = await Open(Options with { RetryFor = Deadline.Length });
        await log.Load(Deadline.Token);
        await log.Commit([_changes.Put("a", "1")], Deadline.Token);

        await _server.Kill();
        var commit = log.Commit([_changes.Put("b", "2")], Deadline.Token).AsTask();
        await _server.Start();

        await Deadline.Within(commit);
    }

    [Fact]
    public async Task Another_member_is_asked_when_one_is_away()
    {
        var gone = new Uri("http://127.0.0.1:1");
        await using var log = await Open(Options with { Endpoints = [gone, _server.Endpoint] });
        await log.Load(Deadline.Token);
        await log.Commit([_changes.Put("a", "1")], Deadline.Token);
    }

    [Fact]
    public async Task A_rotation_seals_everything_anew_while_writes_go_on()
    {
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            await log.Commit([.. Enumerable.Range(0, 300).Select(index => _changes.Put($"id-{index}", $"content {index}")), _changes.Destroy("id-7")], Deadline.Token);

            var rotation = log.RotateMasterKey([TestKeys.Secret(1)]);
            for (var round = 0; round < 30; round++)
            {
                await log.Commit([_changes.Put($"id-{round * 9 + 1}", "changed"), _changes.Destroy($"id-{round * 9 + 2}")], Deadline.Token);
            }

            await Deadline.Within(rotation);
            Assert.Equal([2u], log.Slots.Keys.Select(key => key.Id));
        }

        await using var again = await Open();
        var loaded = await again.Load(Deadline.Token);
        _changes.ShouldBe(loaded);
        Assert.Equal(31, loaded.Tombstones.Count);
    }

    [Fact]
    public async Task An_interrupted_rotation_goes_on_with_the_next_start()
    {
        await using (var log = await Open())
        {
            await log.Load(Deadline.Token);
            await log.Commit([.. Enumerable.Range(0, 300).Select(index => _changes.Put($"id-{index}", $"content {index}"))], Deadline.Token);
            await log.ChangeSlots(slots => slots.WithNewKey([TestKeys.Secret(1)]));
            await log.Commit([_changes.Put("id-1", "changed"), _changes.Destroy("id-2")], Deadline.Token);
        }

        for (var start = 0; start < 2; start++)
        {
            await using var log = await Open();
            Assert.True(start > 0 || log.Slots.Keys.Count == 2);
            _changes.ShouldBe(await log.Load(Deadline.Token));
            await log.Commit([_changes.Put("id-1", $"start {start}")], Deadline.Token);
        }

        await using (var log = await Open())
        {
            _changes.ShouldBe(await log.Load(Deadline.Token));
            await Deadline.Within(log.RotateMasterKey([TestKeys.Secret(1)]));
            Assert.Single(log.Slots.Keys);
        }

        await using var again = await Open();
        _changes.ShouldBe(await again.Load(Deadline.Token));
    }

    [Fact]
    public async Task A_wrong_key_is_refused()
    {
        await (await Open()).DisposeAsync();

        var failure = await Assert.ThrowsAsync<CommitLogException>(
            async () => await EtcdCommitLog.Open(Options, new TestKeys(TestKeys.Secret(9)), TimeProvider.System, Deadline.Token));

        Assert.Contains("none of the configured keys", failure.Message, StringComparison.Ordinal);
        await (await Open()).DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private EtcdOptions Options => new() { Endpoints = [_server.Endpoint], Account = "test", LeaseTime = TimeSpan.FromSeconds(60) };

    private ValueTask<EtcdCommitLog> Open(EtcdOptions? options = null) =>
        EtcdCommitLog.Open(options ?? Options, TestKeys.Default, TimeProvider.System, Deadline.Token);

    // What the state does after an unknown outcome: it tries the same commit again.
    private static async Task Eventually(Func<Task> work)
    {
        var end = Deadline.Token;
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (CommitLogException) when (!end.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }
}

internal static class EtcdTamper
{
    /// <summary>Removes the leader lock, as the end of its lease does.</summary>
    public static async Task RemoveLock(EtcdServer server, EtcdOptions options)
    {
        using var client = new EtcdClient(options with { Endpoints = [server.Endpoint] }, TimeProvider.System);
        await client.Transact(
            new Fleethold.Storage.Etcd.Wire.TxnRequest
            {
                Success =
                {
                    new Fleethold.Storage.Etcd.Wire.RequestOp
                    {
                        RequestDeleteRange = new Fleethold.Storage.Etcd.Wire.DeleteRangeRequest { Key = new EtcdKeys(options.Account).Lock },
                    },
                },
            },
            Deadline.Token);
    }
}
