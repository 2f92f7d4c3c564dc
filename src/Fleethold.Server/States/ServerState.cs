using System.Diagnostics;
using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Server.Access;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;
using Fleethold.Storage;

namespace Fleethold.Server.States;

/// <summary>
/// The state of this server, opened at start and closed last: all resources, what every caller sees of them, and whether writes are taken.
/// </summary>
internal sealed partial class ServerState(
    ServerConfiguration configuration, StateOpener open, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<ServerState> log) : IStageService
{
    private ResourceState? _resources;
    private OutsideState? _outside;
    private ReadOnlyState? _readOnly;

    /// <inheritdoc/>
    public Stage Stage => Stage.Store;

    /// <summary>Everything, with the rights of the server itself.</summary>
    public IState Inside => _resources ?? throw new UnreachableException("the state isn't open");

    /// <summary>The store below, for what is kept beside resources; null where they are in memory only.</summary>
    public FleetholdStore? Store { get; private set; }

    /// <summary>Why writes are refused now, with what to do; null while they are taken.</summary>
    public string? WritesRefusedBecause => _resources?.WritesRefusedBecause;

    /// <summary>True when the server stops because another one has taken over its store.</summary>
    public bool WasTakenOver { get; private set; }

    /// <summary>The state as a caller may see and change it.</summary>
    public IState For(Caller caller) => caller.Rights switch
    {
        Rights.Full => _outside!,
        Rights.Provider => new ProviderState(_outside!, caller.ProviderId),
        _ => _readOnly!,
    };

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        Directory.CreateDirectory(configuration.Storage.DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var before = clock.GetTimestamp();
        var opened = await open(clock, cancellation);
        (_resources, Store) = (opened.State, opened.Store);
        try
        {
            _outside = new OutsideState(_resources);
            _readOnly = new ReadOnlyState(_outside);
            await StartResources.Create(_resources, configuration.Account.Name, clock, cancellation);
        }
        catch
        {
            await _resources.DisposeAsync();
            throw;
        }

        Log.Opened(log, StoreOptions.NameOf(configuration.Storage), (long)clock.GetElapsedTime(before).TotalMilliseconds);
        _ = opened.MustStop?.ContinueWith(_ => GiveWay(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public async Task Stop(CancellationToken cancellation)
    {
        if (_resources is not null)
        {
            await _resources.DisposeAsync();
            Log.Closed(log);
        }
    }

    private void GiveWay()
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return;
        }

        WasTakenOver = true;
        Log.TakenOver(log);
        lifetime.StopApplication();
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Information, "resources are kept in {Place}; read in {Milliseconds} ms")]
        public static partial void Opened(ILogger logger, string place, long milliseconds);

        [LoggerMessage(101, LogLevel.Information, "the store is closed")]
        public static partial void Closed(ILogger logger);

        [LoggerMessage(102, LogLevel.Error, "another server has taken over the store: this one stops; see that only one server runs for an account")]
        public static partial void TakenOver(ILogger logger);
    }
}
