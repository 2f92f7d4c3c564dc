using System.Net;
using Fleethold.SideroLink.Engine;
using Fleethold.SideroLink.Wire;

namespace Fleethold.SideroLink.Tunnel;

/// <summary>
/// The gRPC streams of machines whose UDP is blocked: who may open one, and the datagrams on their way out (reference/siderolink.md 5). Thread-safe.
/// A virtual address is a secret of 64 random bits: whoever knows it may carry its datagrams. A machine has one stream; a new one takes the place
/// of the old, whatever the port in its header, and goes on with what waits to be sent.
/// </summary>
public sealed class StreamTable : IStreamCarrier
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Entry> _entries = [];

    /// <summary>How many streams are open.</summary>
    public int OpenStreams { get; private set; }

    /// <summary>Lets a virtual address have a stream. Repeating it changes nothing.</summary>
    public void Allow(IPAddress virtualAddress)
    {
        lock (_lock)
        {
            _entries.TryAdd(KeyOf(virtualAddress), new Entry());
        }
    }

    /// <summary>Refuses a virtual address from now on, and ends its stream.</summary>
    public void Revoke(IPAddress virtualAddress)
    {
        TunnelStream? stream;
        lock (_lock)
        {
            if (!_entries.Remove(KeyOf(virtualAddress), out var entry))
            {
                return;
            }

            stream = Leave(entry);
        }

        stream?.End(StreamEnd.NotAllowed);
        stream?.Queue.Close();
    }

    /// <summary>Opens the stream of a virtual address; one that is there ends as <see cref="StreamEnd.Replaced"/>.</summary>
    /// <returns>Null when the address isn't allowed.</returns>
    public TunnelStream? Open(in PeerEndpoint endpoint)
    {
        TunnelStream? before;
        TunnelStream stream;
        lock (_lock)
        {
            if (!_entries.TryGetValue(endpoint.Address, out var entry))
            {
                return null;
            }

            before = entry.Stream;
            stream = new TunnelStream(endpoint, before?.Queue ?? new DatagramQueue());
            entry.Stream = stream;
            OpenStreams += before is null ? 1 : 0;
        }

        before?.End(StreamEnd.Replaced);
        return stream;
    }

    /// <summary>Forgets a stream that has ended, with what waited to be sent, unless another one has taken its place.</summary>
    public void Close(TunnelStream stream)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(stream.Endpoint.Address, out var entry) || entry.Stream != stream)
            {
                return;
            }

            Leave(entry);
        }

        stream.Queue.Close();
    }

    /// <inheritdoc/>
    public void Send(in PeerEndpoint to, ReadOnlySpan<byte> datagram)
    {
        TunnelStream? stream;
        lock (_lock)
        {
            stream = _entries.TryGetValue(to.Address, out var entry) ? entry.Stream : null;
        }

        stream?.Queue.Put(datagram);
    }

    /// <summary>Ends every stream, as the server stops.</summary>
    public void Stop()
    {
        List<TunnelStream> streams;
        lock (_lock)
        {
            streams = [.. _entries.Values.Select(entry => entry.Stream).OfType<TunnelStream>()];
        }

        foreach (var stream in streams)
        {
            stream.End(StreamEnd.Stopping);
        }
    }

    private static UInt128 KeyOf(IPAddress virtualAddress) => PeerEndpoint.Tunnel(virtualAddress, TunnelAddresses.VirtualPort).Address;

    private TunnelStream? Leave(Entry entry)
    {
        var stream = entry.Stream;
        entry.Stream = null;
        OpenStreams -= stream is null ? 0 : 1;
        return stream;
    }

    private sealed class Entry
    {
        public TunnelStream? Stream;
    }
}
