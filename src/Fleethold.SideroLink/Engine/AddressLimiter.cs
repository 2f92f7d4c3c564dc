namespace Fleethold.SideroLink.Engine;

/// <summary>
/// Handshakes per source while there is load: a token bucket of 20 per second with a burst of 5, both widened by one for each peer known at the
/// source, so that a fleet behind one NAT address isn't starved (reference/wireguard.md 1.6 and 4). Thread-safe.
/// </summary>
internal sealed class AddressLimiter(int capacity)
{
    private const double PerSecond = 20;
    private const double Burst = 5;
    private const long Forget = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, Bucket> _buckets = [];
    private long _swept;

    /// <summary>What counts as one source: an IPv4 address, an IPv6 /64 network, or one gRPC tunnel.</summary>
    public static UInt128 SourceOf(in PeerEndpoint endpoint)
    {
        var mapped = endpoint.Address >> 32 == 0xffff;
        return endpoint.Kind == EndpointKind.Tunnel || mapped ? endpoint.Address : endpoint.Address & ~(UInt128)ulong.MaxValue;
    }

    /// <summary>Takes one token; false when the source has none left, or is new and the table is full.</summary>
    /// <param name="source">The source.</param>
    /// <param name="peers">Peers known there.</param>
    /// <param name="now">The core's milliseconds.</param>
    public bool TryTake(UInt128 source, int peers, long now)
    {
        lock (_gate)
        {
            var rate = PerSecond + peers;
            var burst = Burst + peers;
            if (now - _swept >= Forget)
            {
                Sweep(now);
            }

            if (!_buckets.TryGetValue(source, out var bucket))
            {
                if (_buckets.Count >= capacity)
                {
                    return false;
                }

                bucket = new Bucket(burst, now);
            }

            var tokens = Math.Min(burst, bucket.Tokens + ((now - bucket.At) * rate / 1000));
            var good = tokens >= 1;
            _buckets[source] = new Bucket(good ? tokens - 1 : tokens, now);
            return good;
        }
    }

    private void Sweep(long now)
    {
        _swept = now;
        foreach (var (source, bucket) in _buckets)
        {
            if (now - bucket.At >= Forget)
            {
                _buckets.Remove(source);
            }
        }
    }

    private readonly record struct Bucket(double Tokens, long At);
}
