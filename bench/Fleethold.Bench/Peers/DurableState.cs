using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Storage;

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
        var store = await FleetholdStore.Open(new StorageOptions { DataDirectory = folder }, TimeProvider.System, cancellation);
        return new DurableState(await ResourceState.Open(store.Log, TimeProvider.System, cancellation));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _state.DisposeAsync();
}
