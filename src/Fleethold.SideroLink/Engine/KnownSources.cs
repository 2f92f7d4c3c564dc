using System.Collections.Concurrent;

namespace Fleethold.SideroLink.Engine;

/// <summary>How many peers are at each source, see <see cref="AddressLimiter.SourceOf"/>. Thread-safe.</summary>
internal sealed class KnownSources
{
    private readonly ConcurrentDictionary<UInt128, int> _counts = new();

    /// <summary>Peers at the source of an endpoint.</summary>
    public int Count(in PeerEndpoint endpoint) => _counts.GetValueOrDefault(AddressLimiter.SourceOf(endpoint));

    /// <summary>A peer has gone from one endpoint to another; either may be none.</summary>
    public void Move(in PeerEndpoint from, in PeerEndpoint to)
    {
        if (to.Kind != EndpointKind.None)
        {
            _counts.AddOrUpdate(AddressLimiter.SourceOf(to), 1, static (_, count) => count + 1);
        }

        if (from.Kind == EndpointKind.None)
        {
            return;
        }

        var source = AddressLimiter.SourceOf(from);
        if (_counts.AddOrUpdate(source, 0, static (_, count) => count - 1) <= 0)
        {
            _counts.TryRemove(new KeyValuePair<UInt128, int>(source, 0));
        }
    }
}
