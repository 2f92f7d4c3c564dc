using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Server.Access;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;

namespace Fleethold.Server.States;

/// <summary>
/// The state of this server, opened at start and closed last: all resources, what every caller sees of them, and whether writes are taken.
/// </summary>
internal sealed partial class ServerState(ServerConfiguration configuration, StoreOpener open, TimeProvider clock, ILogger<ServerState> log) : IStageService
{
    private ResourceState? _resources;
    private OutsideState? _outside;
    private ReadOnlyState? _readOnly;

    /// <inheritdoc/>
    public Stage Stage => Stage.Store;

    /// <summary>Everything, with the rights of the server itself.</summary>
    public IState Inside => _resources ?? throw new InvalidOperationException("the state isn't open");

    /// <summary>Why writes are refused now, with what to do; null while they are taken.</summary>
    public string? WritesRefusedBecause => _resources?.WritesRefusedBecause;

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
        _resources = await open(configuration, clock, cancellation);
        _outside = new OutsideState(_resources);
        _readOnly = new ReadOnlyState(_outside);
        await StartResources.Create(_resources, configuration.Account.Name, cancellation);
        Log.Opened(log, Store.NameOf(configuration.Storage));
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

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Information, "resources are kept in {Place}")]
        public static partial void Opened(ILogger logger, string place);

        [LoggerMessage(101, LogLevel.Information, "the store is closed")]
        public static partial void Closed(ILogger logger);
    }
}
