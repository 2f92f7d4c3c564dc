using Fleethold.SideroLink.Engine;

namespace Fleethold.SideroLink.Tunnel;

/// <summary>Why the server ends a stream.</summary>
public enum StreamEnd
{
    /// <summary>The machine has opened another one.</summary>
    Replaced,

    /// <summary>The peer isn't there any more.</summary>
    NotAllowed,

    /// <summary>The server stops.</summary>
    Stopping,
}

/// <summary>One stream of a machine.</summary>
public sealed class TunnelStream
{
    private readonly TaskCompletionSource<StreamEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal TunnelStream(in PeerEndpoint endpoint, DatagramQueue queue) => (Endpoint, Queue) = (endpoint, queue);

    /// <summary>What its datagrams come from: the address and port of its header.</summary>
    public PeerEndpoint Endpoint { get; }

    /// <summary>What waits to be sent by it.</summary>
    public DatagramQueue Queue { get; }

    /// <summary>Completes when the server ends it.</summary>
    public Task<StreamEnd> Ended => _ended.Task;

    internal void End(StreamEnd why) => _ended.TrySetResult(why);
}
