using System.Net;
using System.Net.Sockets;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;

namespace Fleethold.Server.Edge;

/// <summary>
/// The socket of the event sink, bound to the server's address inside the tunnel and to no other: an address proves which machine calls only there
/// (reference/siderolink.md 9). The address may still be coming up when the tunnel has just opened.
/// </summary>
internal sealed class EventSinkSocket(ServerConfiguration configuration, TimeProvider clock) : IStageService
{
    private Socket? _bound;

    /// <inheritdoc/>
    public Stage Stage => Stage.Sinks;

    /// <summary>Where it binds; null where there is no tunnel. The listener is told by this very object.</summary>
    public IPEndPoint? EndPoint { get; } =
        configuration.SideroLink.SinkAddress is { } address ? new IPEndPoint(address, configuration.SideroLink.EventSinkPort) : null;

    /// <inheritdoc/>
    public async Task Start(CancellationToken cancellation)
    {
        if (EndPoint is not null)
        {
            _bound = await TunnelListener.Bind(EndPoint, "the event sink", clock, cancellation);
        }
    }

    /// <inheritdoc/>
    public Task Stop(CancellationToken cancellation)
    {
        _bound?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The bound socket, which belongs to the listener from now on.</summary>
    public Socket TakeBound() => Interlocked.Exchange(ref _bound, null) ?? throw new InvalidOperationException("the event sink isn't bound");
}
