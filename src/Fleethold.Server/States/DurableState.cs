using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Storage;

namespace Fleethold.Server.States;

/// <summary>A state that was opened.</summary>
/// <param name="State">The state; it closes the store that it stands on.</param>
/// <param name="Store">The store below; null where resources are in memory only.</param>
internal sealed record OpenedState(ResourceState State, FleetholdStore? Store = null)
{
    /// <summary>Ends when another server took the store over; null when that can't be.</summary>
    public Task? MustStop => Store?.LeadershipLost;
}

/// <summary>Opens the state of this server, once.</summary>
internal delegate ValueTask<OpenedState> StateOpener(TimeProvider clock, CancellationToken cancellation);

/// <summary>Opens the state on the store that the configuration names.</summary>
internal sealed class DurableState(ServerConfiguration configuration, StoreOpener opener)
{
    /// <summary>The state, with everything that the store holds.</summary>
    /// <exception cref="StartException">It can't be opened; the message says what to do.</exception>
    public async ValueTask<OpenedState> Open(TimeProvider clock, CancellationToken cancellation)
    {
        if (OmniData.Find(configuration.Storage) is { Count: > 0 } found)
        {
            throw new StartException(string.Join('\n', found));
        }

        try
        {
            var store = await opener.Open(cancellation);
            try
            {
                return new OpenedState(await ResourceState.Open(store.Log, clock, cancellation), store);
            }
            catch
            {
                await store.Log.DisposeAsync();
                throw;
            }
        }
        catch (CommitLogException failure)
        {
            throw new StartException(failure.Message, failure);
        }
    }
}
