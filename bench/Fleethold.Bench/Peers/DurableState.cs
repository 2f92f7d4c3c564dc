using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;

namespace Fleethold.Bench.Peers;

/// <summary>A state in this process on top of the embedded store, as the server has it.</summary>
internal sealed class DurableState : IAsyncDisposable
{
    private readonly ResourceState _state;

    private DurableState(ResourceState state) => _state = state;

    /// <summary>The state.</summary>
    public IState State => _state;

    /// <summary>Opens the store in a folder, or makes it.</summary>
    public static async Task<DurableState> Open(string folder, CancellationToken cancellation)
    {
        var log = await SqliteCommitLog.Open(folder, new BenchKeys(), cancellation);
        return new DurableState(await ResourceState.Open(log, TimeProvider.System, cancellation));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _state.DisposeAsync();

    private sealed class BenchKeys : IStoreKeys
    {
        private readonly SecretSlotKey[] _keys = [new([.. Enumerable.Range(1, 32).Select(i => (byte)i)])];

        public ValueTask<KeySlots> Open(KeyRingDocument? stored, CancellationToken cancellation) =>
            new(stored is null ? KeySlots.Create(_keys) : KeySlots.Open(stored, _keys));
    }
}
