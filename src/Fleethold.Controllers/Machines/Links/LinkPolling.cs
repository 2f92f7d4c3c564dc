using System.Collections.Concurrent;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;
using Fleethold.SideroLink;
using Fleethold.SideroLink.Wire;

namespace Fleethold.Controllers.Machines.Links;

/// <summary>
/// Sees which machines are connected, where they are and how much they send (reference/siderolink.md 4, polling). For one caller at a time.
/// </summary>
/// <param name="state">The state.</param>
/// <param name="peers">The peers of the tunnel.</param>
/// <param name="keepsEndpoints">Whether links remember where their machines were last.</param>
/// <param name="clock">The clock.</param>
public sealed class LinkPolling(IState state, ILinkTable peers, bool keepsEndpoints, TimeProvider clock)
{
    /// <summary>How often.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>A handshake that is older is the end of a link: the longest life of a session, and the time of an attempt to make a new one.</summary>
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(275);

    /// <summary>So many times after a start no link is called dead that had no handshake yet: its machine may not have noticed the start.</summary>
    private const int Grace = 2;

    /// <summary>Writes that wait for the store at once.</summary>
    private const int Batch = 64;

    private ConcurrentDictionary<PublicKey, (long Received, long Sent)> _before = [];
    private int _polls;

    /// <summary>Looks at all links once. A link that can't be written now is left for the next time.</summary>
    public async Task Poll(CancellationToken cancellation)
    {
        var isGrace = ++_polls <= Grace;
        var now = clock.GetUtcNow();
        var seen = new ConcurrentDictionary<PublicKey, (long Received, long Sent)>();
        foreach (var batch in (await state.List(Kinds.Links, cancellation: cancellation)).Chunk(Batch))
        {
            await Task.WhenAll(batch.Where(static link => link.Metadata.Phase is Phase.Running).Select(link => Look(link, isGrace, now, seen, cancellation)));
        }

        _before = seen;
    }

    private async Task Look(
        Resource<SiderolinkSpec> link,
        bool isGrace,
        DateTimeOffset now,
        ConcurrentDictionary<PublicKey, (long Received, long Sent)> seen,
        CancellationToken cancellation)
    {
        if (!PublicKey.TryParse(link.Spec.NodePublicKey, out var key) || peers.Find(key) is not { } activity)
        {
            return;
        }

        var connected = activity.LastHandshake is { } last ? now - last < DeadAfter : isGrace && link.Spec.Connected;
        var endpoint = !keepsEndpoints ? "" : activity.Endpoint.ToString() is { Length: > 0 } text ? text : link.Spec.LastEndpoint;
        if (connected != link.Spec.Connected || endpoint != link.Spec.LastEndpoint)
        {
            await state.Modify(
                link.Ref,
                one => one is Resource<SiderolinkSpec> present && present.Spec.NodePublicKey == link.Spec.NodePublicKey
                    ? present.With(spec => (spec.Connected, spec.LastEndpoint) = (connected, endpoint))
                    : one,
                link.Metadata.Owner,
                cancellation: cancellation);
        }

        seen[key] = (activity.Received, activity.Sent);
        var before = _before.GetValueOrDefault(key);
        var (received, sent) = (activity.Received - before.Received, activity.Sent - before.Sent);
        if (received != 0 || sent != 0)
        {
            await state.Modify(
                Kinds.MachineStatusLinks.Named(link.Metadata.Id),
                one => ((Resource<MachineStatusLinkSpec>)one).With(spec =>
                {
                    var counter = spec.SiderolinkCounter ??= new SiderolinkCounterSpec();
                    counter.BytesReceived += received;
                    counter.BytesSent += sent;
                    counter.LastAlive = activity.LastHandshake is { } alive ? Instant.FromDateTimeOffset(alive).ToTimestamp() : counter.LastAlive;
                }),
                MachineStatusLinkRule.Name,
                cancellation: cancellation);
        }
    }
}
