namespace Fleethold.Server.Host;

/// <summary>The order of start; stopping goes the other way. The listeners come after all of these, so that nobody is served too early.</summary>
internal enum Stage
{
    /// <summary>Files, certificates, the store.</summary>
    Store,

    /// <summary>The resources in memory, and those that are made at every start.</summary>
    State,

    /// <summary>The tunnel with the peers that are known.</summary>
    Tunnel,

    /// <summary>Business rules.</summary>
    Controllers,

    /// <summary>The receivers inside the tunnel.</summary>
    Sinks,

    /// <summary>What the listeners need right before they open.</summary>
    Edge,
}

/// <summary>A part of the server that is started and stopped in order.</summary>
internal interface IStageService
{
    /// <summary>When it starts.</summary>
    Stage Stage { get; }

    /// <summary>Starts it; returns when later stages may count on it.</summary>
    /// <exception cref="StartException">It can't start; the message says what to do.</exception>
    Task Start(CancellationToken cancellation);

    /// <summary>Stops it; returns when earlier stages may go.</summary>
    Task Stop(CancellationToken cancellation);
}

/// <summary>The server can't start, for a reason that a person can do something about.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="inner">What caused it.</param>
internal sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Starts the parts of the server in order of their stages, and stops in reverse those that were started.</summary>
internal sealed class Stages(IEnumerable<IStageService> services) : IHostedService
{
    private readonly Stack<IStageService> _started = new();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var service in services.OrderBy(service => service.Stage))
            {
                await service.Start(cancellationToken);
                _started.Push(service);
            }
        }
        catch
        {
            await StopAsync(CancellationToken.None);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        while (_started.TryPop(out var service))
        {
            try
            {
                await service.Stop(cancellationToken);
            }
            catch (Exception failure)
            {
                // What stands below must still be stopped, the store above all.
                failures.Add(failure);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }
}
