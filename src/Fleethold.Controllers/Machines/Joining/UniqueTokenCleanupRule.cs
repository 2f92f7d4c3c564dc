using Fleethold.Resources;
using Fleethold.Runtime.Controllers;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>
/// A unique token is stored before its link is made. One whose link never came, or is gone, goes after a minute (reference/siderolink.md 2.5).
/// </summary>
internal static class UniqueTokenCleanupRule
{
    private static readonly TimeSpan OrphanAge = TimeSpan.FromMinutes(1);

    /// <summary>The controller.</summary>
    public static Controller Create() =>
        Controller.Queue("NodeUniqueTokenCleanupController")
            .Reads(Kinds.NodeUniqueTokens, WakeOn.Content)
            .MapsFrom(Kinds.Links, Map.SameId, WakeOn.DestroyReady)
            .WritesShared(Kinds.NodeUniqueTokens)
            .WithConcurrency(4)
            .Reconcile(static async (context, item, cancellation) =>
            {
                var token = await context.Get(item, cancellation);
                if (token.Fault is { } gone)
                {
                    return gone is Fault.NotFound ? Reconciled.Done : gone;
                }

                var link = await context.Get(Kinds.Links.Named(item.Id), cancellation);
                if (link.Fault is not Fault.NotFound)
                {
                    return link.Fault;
                }

                var metadata = token.Value.Metadata;
                var written = metadata.Updated.CompareTo(metadata.Created) > 0 ? metadata.Updated : metadata.Created;
                var age = context.Clock.GetUtcNow() - written.ToDateTimeOffset();
                return age < OrphanAge ? Requeue.After(OrphanAge - age) : (await context.RemoveUnowned(item, cancellation)).Fault;
            });
}
