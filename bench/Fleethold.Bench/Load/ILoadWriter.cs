namespace Fleethold.Bench.Load;

/// <summary>
/// A writer over gRPC that waits for each acknowledgement before its next write. Every fourth write is of a new name, the others change the last name
/// again. Used by one thread at a time.
/// </summary>
internal interface ILoadWriter
{
    /// <summary>The method of the next write, for example <c>/etcdserverpb.KV/Put</c>.</summary>
    string NextMethod { get; }

    /// <summary>The size of the next request.</summary>
    int NextSize();

    /// <summary>Encodes the next request into exactly as many bytes.</summary>
    void WriteNext(Span<byte> request);
}
