using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fleethold.Storage;

/// <summary>The entry of this project for the composition root.</summary>
public static class StorageRegistration
{
    /// <summary>Adds the store: a singleton <see cref="StoreOpener"/>, which opens it when the server starts.</summary>
    public static IServiceCollection AddFleetholdStorage(this IServiceCollection services, StorageOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<StoreOpener>();
        return services;
    }
}

/// <summary>Opens the configured store.</summary>
/// <param name="options">Which.</param>
/// <param name="clock">For leases and retries.</param>
public sealed class StoreOpener(StorageOptions options, TimeProvider clock)
{
    /// <summary>Opens it, or makes a new one; once per process.</summary>
    /// <exception cref="Runtime.CommitLogException">It can't be opened; the message says what to do.</exception>
    public ValueTask<FleetholdStore> Open(CancellationToken cancellation) => FleetholdStore.Open(options, clock, cancellation);
}
