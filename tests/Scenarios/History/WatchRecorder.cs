using Fleethold.Resources;
using Fleethold.Resources.Queries;
using Fleethold.Runtime;
using Fleethold.Testing;

namespace Fleethold.Scenarios.History;

/// <summary>A watch whose events are kept, and that can break off and go on from its bookmark.</summary>
internal sealed class WatchRecorder(IState state, KindRef kind, ResourceQuery query)
{
    private readonly List<StateEvent> _seen = [];

    /// <summary>The events, without markers.</summary>
    public IReadOnlyList<StateEvent> Seen => _seen;

    /// <summary>Where the watch stands.</summary>
    public ReadOnlyMemory<byte> Bookmark { get; set; }

    /// <summary>Notes where the watch begins: what happens later is seen.</summary>
    public async Task<WatchRecorder> Begin()
    {
        using var watch = state.WatchKind(kind, query, new WatchOptions { BootstrapBookmark = true }).Value;
        await watch.WaitAsync(Deadline.Token);
        Bookmark = watch.TakeAvailable(1)[0].Bookmark;
        return this;
    }

    /// <summary>
    /// Reads from the bookmark until an event meets a condition, breaking off and going on every <paramref name="stride"/> events.
    /// </summary>
    public async Task ReadUntil(Func<StateEvent, bool> last, int stride)
    {
        while (true)
        {
            using var watch = state.WatchKind(kind, query, new WatchOptions { StartFromBookmark = Bookmark }).Value;
            for (var read = 0; read < stride;)
            {
                var events = watch.TakeAvailable(Math.Min(7, stride - read));
                if (events.Count == 0)
                {
                    await watch.WaitAsync(Deadline.Token);
                }

                foreach (var one in events)
                {
                    read++;
                    _seen.Add(one);
                    Bookmark = one.Bookmark;
                    if (last(one) || one.Type == EventType.Errored)
                    {
                        return;
                    }
                }
            }
        }
    }
}
