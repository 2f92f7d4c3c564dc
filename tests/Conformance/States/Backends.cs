using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Storage;
using Fleethold.Storage.Etcd;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;
using Fleethold.Testing;

namespace Fleethold.Conformance.States;

public sealed class MemoryStateTests : StateConformance
{
    protected override bool IsDurable => false;

    protected override ValueTask<IState> Open() => new(ResourceState.InMemory(Clock));

    protected override async ValueTask<IState> Reopen(IState state)
    {
        await Close(state);
        return await Open();
    }

    protected override ValueTask Close(IState state) => ((ResourceState)state).DisposeAsync();
}

public sealed class SqliteStateTests : DurableStateConformance
{
    private readonly SqliteBackend _backend = new();

    protected override ValueTask<IState> Open() => _backend.Open(Clock);

    protected override ValueTask<IState> Reopen(IState state) => _backend.Reopen(state, Clock);

    protected override ValueTask Close(IState state) => _backend.Close(state);

    protected override ValueTask Break() => _backend.Limit("PRAGMA max_page_count = 1");

    protected override ValueTask Mend() => _backend.Limit("PRAGMA max_page_count = 1073741823");
}

public sealed class EtcdStateTests : DurableStateConformance
{
    private readonly EtcdBackend _backend = new();

    protected override ValueTask<IState> Open() => _backend.Open(Clock);

    protected override ValueTask<IState> Reopen(IState state) => _backend.Reopen(state, Clock);

    protected override ValueTask Close(IState state) => _backend.Close(state);

    protected override async ValueTask Break() => await _backend.Server.Kill();

    protected override async ValueTask Mend() => await _backend.Server.Start();
}

/// <summary>A state over the embedded store in a folder of its own.</summary>
internal sealed class SqliteBackend
{
    private readonly TemporaryFolder _folder = new();
    private SqliteCommitLog? _log;

    public async ValueTask<IState> Open(TimeProvider clock)
    {
        var store = await FleetholdStore.Open(new StorageOptions { DataDirectory = _folder.PathOf("data") }, clock, Deadline.Token);
        _log = (SqliteCommitLog)store.Log;
        return await ResourceState.Open(store.Log, clock, Deadline.Token);
    }

    public async ValueTask<IState> Reopen(IState state, TimeProvider clock)
    {
        await ((ResourceState)state).DisposeAsync();
        return await Open(clock);
    }

    public async ValueTask Close(IState state)
    {
        await ((ResourceState)state).DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Bounds the size of the file: what doesn't fit is refused as on a full disk.</summary>
    public ValueTask Limit(string pragma)
    {
        _log!.OnDatabase(database => database.Number(pragma));
        return ValueTask.CompletedTask;
    }
}

/// <summary>A state over an etcd of its own.</summary>
internal sealed class EtcdBackend
{
    private readonly TemporaryFolder _folder = new();

    public EtcdServer Server { get; private set; } = null!;

    public async ValueTask<IState> Open(TimeProvider clock)
    {
        Server ??= await EtcdServer.Start();

        // Leases and retries go by real time, as the server does.
        var store = await FleetholdStore.Open(
            new StorageOptions
            {
                DataDirectory = _folder.Path,
                Keys = [new KeySource.KeyFile(_folder.PathOf("store.key")) { CreateIfMissing = true }],
                Etcd = new EtcdOptions { Endpoints = [Server.Endpoint], Account = "conformance", RetryFor = TimeSpan.FromMilliseconds(100) },
            },
            TimeProvider.System,
            Deadline.Token);
        return await ResourceState.Open(store.Log, clock, Deadline.Token);
    }

    public async ValueTask<IState> Reopen(IState state, TimeProvider clock)
    {
        await ((ResourceState)state).DisposeAsync();
        return await Open(clock);
    }

    public async ValueTask Close(IState state)
    {
        await ((ResourceState)state).DisposeAsync();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
