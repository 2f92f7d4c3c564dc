using System.Globalization;
using Fleethold.Storage;
using Fleethold.Storage.Etcd;
using Fleethold.Testing;

namespace Fleethold.Scenarios.Crash;

/// <summary>
/// A process writes and is killed at random instants: every acknowledged write is there afterwards, and no half write.
/// FLEETHOLD_CRASH_ROUNDS sets the number of rounds (25), FLEETHOLD_CRASH_SEED the seed that is printed.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CrashLedger _ledger = new();
    private readonly int _seed = Setting("FLEETHOLD_CRASH_SEED", Environment.ProcessId);

    private static int Rounds => Setting("FLEETHOLD_CRASH_ROUNDS", 25);

    [Fact]
    public async Task Every_acknowledged_write_survives_kills_with_the_embedded_store()
    {
        output.WriteLine($"seed {_seed}");
        var random = new Random(_seed);
        for (var round = 0; round < Rounds; round++)
        {
            var options = new CrashOptions { Folder = _folder.PathOf("data"), Seed = round };
            using var child = CrashChild.Start(options);

            // Some rounds end while the store is opened, most in the middle of writing.
            await child.Read(_ledger, random.Next(8) == 0 ? 0 : random.Next(1, 2_000));
            await child.Kill(_ledger);
            await Check(options.Store, round);
        }

        output.WriteLine($"{_ledger.Acknowledged} acknowledged writes in {Rounds} rounds");
        Assert.True(_ledger.Acknowledged > Rounds * 20, "the rounds wrote too little to mean anything");
    }

    [Fact]
    public async Task Every_acknowledged_write_survives_when_etcd_and_the_process_are_killed()
    {
        output.WriteLine($"seed {_seed}");
        var random = new Random(_seed);
        await using var server = await EtcdServer.Start();
        for (var round = 0; round < Rounds; round++)
        {
            var options = new CrashOptions { Folder = _folder.PathOf("data"), Endpoint = server.Endpoint, Seed = round };
            using var child = CrashChild.Start(options);
            await child.Read(_ledger, random.Next(2, 400));
            await server.Kill();
            if (random.Next(2) == 0)
            {
                await server.Start();
                await child.Read(_ledger, random.Next(1, 200));
            }

            await child.Kill(_ledger);
            if (server.ProcessId == 0)
            {
                await server.Start();
            }

            // The dead process can't give back its lock; its lease need not be waited for here.
            await RemoveLock(options.Store.Etcd!);
            await Check(options.Store, round);
        }

        output.WriteLine($"{_ledger.Acknowledged} acknowledged writes in {Rounds} rounds");
        Assert.True(_ledger.Acknowledged > Rounds * 20, "the rounds wrote too little to mean anything");
    }

    [Theory]
    [InlineData("n")]
    [InlineData("s")]
    public async Task A_disk_that_is_full_or_fails_to_sync_refuses_writes_and_loses_nothing_once_it_works_again(string fault)
    {
        var faulty = _folder.PathOf("fault");
        var options = new CrashOptions { Folder = _folder.PathOf("data"), Seed = 1 };
        using var child = CrashChild.Start(options, await Shim.Environment(options.Folder, _folder.PathOf("trace"), faulty));
        for (var time = 1; time <= 3; time++)
        {
            await child.Read(_ledger, 300);
            await File.WriteAllTextAsync(faulty, fault, Deadline.Token);
            await child.ReadUntil(_ledger, ledger => ledger.Refused >= time * 20);
            File.Delete(faulty);
            var before = _ledger.Acknowledged;
            await child.ReadUntil(_ledger, ledger => ledger.Acknowledged >= before + 100);
        }

        await child.Kill(_ledger);
        await Check(options.Store, round: 0);
    }

    public void Dispose() => _folder.Dispose();

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private async Task Check(StorageOptions options, int round)
    {
        var store = await FleetholdStore.Open(options, TimeProvider.System, Deadline.Token);
        await using (store.Log)
        {
            var loaded = await store.Log.Load(Deadline.Token);
            var wrong = _ledger.Settle(loaded.Resources.Select(one => one.Resource));
            Assert.True(wrong.Count == 0, $"seed {_seed}, round {round}: {string.Join('\n', wrong.Take(10))}");
        }
    }

    private static async Task RemoveLock(EtcdOptions options)
    {
        using var client = new EtcdClient(options with { RetryFor = Deadline.Length }, TimeProvider.System);
        var request = new Storage.Etcd.Wire.TxnRequest
        {
            Success = { new Storage.Etcd.Wire.RequestOp { RequestDeleteRange = new() { Key = new EtcdKeys(options.Account).Lock } } },
        };
        await client.Patiently(token => client.Transact(request, token), Deadline.Token);
    }
}
