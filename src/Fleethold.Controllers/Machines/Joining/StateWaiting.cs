using Fleethold.Resources;
using Fleethold.Runtime;
using Google.Protobuf;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>Waiting for what controllers do.</summary>
internal static class StateWaiting
{
    /// <summary>The resource as soon as it is as wanted; null when it isn't within the limit. Throws <see cref="FaultException"/> when the state can't be watched.</summary>
    public static async ValueTask<Resource<TSpec>?> Await<TSpec>(
        this IState state,
        ResourceRef reference,
        Func<Resource<TSpec>, bool> isWanted,
        TimeSpan limit,
        TimeProvider clock,
        CancellationToken cancellation)
        where TSpec : class, IMessage<TSpec>, new()
    {
        using var watch = state.Watch(reference, WatchOptions.FromNow).Value;
        using var expiry = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellation);
        try
        {
            await foreach (var change in watch.ReadAll(either.Token))
            {
                if (change.Type is EventType.Created or EventType.Updated
                    && change.Resource is Resource<TSpec> resource && resource.Metadata.Phase is Phase.Running && isWanted(resource))
                {
                    return resource;
                }

                if (change.Type is EventType.Errored)
                {
                    return null;
                }
            }
        }
        catch (OperationCanceledException) when (expiry.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
        }

        cancellation.ThrowIfCancellationRequested();
        return null;
    }
}
