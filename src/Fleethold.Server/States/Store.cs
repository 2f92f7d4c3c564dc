using Fleethold.Runtime.States;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;

namespace Fleethold.Server.States;

/// <summary>Opens a store, and the state on top of it.</summary>
internal delegate ValueTask<ResourceState> StoreOpener(ServerConfiguration configuration, TimeProvider clock, CancellationToken cancellation);

/// <summary>Opens the store that the configuration names.</summary>
internal static class Store
{
    /// <summary>The state on top of the store, with everything that it holds.</summary>
    /// <exception cref="StartException">It can't be opened; the message says what to do.</exception>
    public static ValueTask<ResourceState> Open(ServerConfiguration configuration, TimeProvider clock, CancellationToken cancellation)
    {
        var storage = configuration.Storage;
        if (OmniData.Find(storage) is { Count: > 0 } found)
        {
            throw new StartException(string.Join('\n', found));
        }

        Directory.CreateDirectory(storage.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        cancellation.ThrowIfCancellationRequested();
        return new(ResourceState.InMemory(clock));
    }

    /// <summary>Where resources are kept, for people.</summary>
    public static string NameOf(StorageSettings storage) => storage.Store switch
    {
        StoreSettings.Etcd etcd => string.Join(", ", etcd.Endpoints),
        StoreSettings.Memory => "memory",
        _ => storage.DatabaseFile,
    };
}
