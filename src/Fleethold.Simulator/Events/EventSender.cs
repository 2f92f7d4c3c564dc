using System.Net;
using System.Net.Sockets;
using Fleethold.Simulator.Machines;

namespace Fleethold.Simulator.Events;

/// <summary>Publishes the history of a machine: one call at a time, in order; after a failure it waits and goes on behind the last acknowledged event.</summary>
internal sealed class EventSender(EventHistory history, IPEndPoint sink, Random random, TimeProvider clock)
{
    private readonly Backoff _backoff = new(random);

    /// <summary>Called after each acknowledged event.</summary>
    public Action? Acknowledged { get; init; }

    /// <summary>Called after each call that was refused or whose connection failed.</summary>
    public Action? Failed { get; init; }

    /// <summary>Publishes until it is cancelled.</summary>
    /// <param name="from">The tunnel address of the machine.</param>
    /// <param name="cancellation">Ends it; nothing is thrown.</param>
    public async Task Run(IPAddress from, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var connection = await EventConnection.Open(from, sink, cancellation);
                await Publish(connection, cancellation);
            }
            catch (Exception failure) when (failure is SocketException or IOException)
            {
                Failed?.Invoke();
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await Task.Delay(_backoff.Next(), clock, cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // Returns when a call was refused: the controller of a real machine then starts anew, with a new connection.
    private async Task Publish(EventConnection connection, CancellationToken cancellation)
    {
        while (true)
        {
            var seen = history.Added.Count;
            if (!history.TryPeek(out var next))
            {
                await history.Added.After(seen, cancellation);
                continue;
            }

            if (!await connection.Publish(next, cancellation))
            {
                Failed?.Invoke();
                return;
            }

            history.Acknowledge(next);
            _backoff.Reset();
            Acknowledged?.Invoke();
        }
    }
}
