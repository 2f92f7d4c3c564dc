using Fleethold.Runtime;
using Fleethold.Storage.Etcd.Wire;
using Fleethold.Storage.Sealing;
using Google.Protobuf;

namespace Fleethold.Storage.Etcd;

/// <summary>
/// The operations of one transaction, gathered change by change until the limits of the cluster are reached. A key appears once: of several
/// changes to one resource the last one counts, as etcd takes no key twice.
/// </summary>
internal sealed class EtcdChunk(EtcdKeys keys, EtcdOptions options)
{
    // The revision.
    private const int Reserved = 1;
    private const int OverheadPerOperation = 32;

    private readonly Dictionary<ByteString, RequestOp> _operations = [];
    private int _bytes;

    /// <summary>The revision of the last change taken.</summary>
    public long Revision { get; private set; }

    public bool IsEmpty => _operations.Count == 0;

    public IEnumerable<RequestOp> Operations => _operations.Values;

    /// <summary>Takes a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="head">The head of its row.</param>
    /// <param name="body">The sealed body of its row.</param>
    /// <param name="oldNames">Row keys of the resource under older master keys, to be removed.</param>
    /// <returns>False, and nothing taken, when it doesn't fit in any more.</returns>
    /// <exception cref="CommitLogException">It doesn't fit into any transaction.</exception>
    public bool TryAdd(in Mutation change, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, IReadOnlyList<byte[]> oldNames)
    {
        var key = keys.Resource(RowHead.Key(head));
        var bytes = head.Length + body.Length + 2 * (key.Length + OverheadPerOperation) + oldNames.Count * (key.Length + OverheadPerOperation);
        var operations = 2 + oldNames.Count;
        if (bytes > options.MostBytes)
        {
            throw new CommitLogException(
                $"{change.Resource.Metadata} has {bytes} bytes, more than a transaction of etcd takes: make it smaller, or raise --max-request-bytes and the limit configured here");
        }

        if (_operations.Count + operations + Reserved > options.MostOperations || (_bytes + bytes > options.MostBytes && !IsEmpty))
        {
            return false;
        }

        var value = new byte[head.Length + body.Length];
        head.CopyTo(value);
        body.CopyTo(value.AsSpan(head.Length));
        if (change.IsDestroy)
        {
            Delete(key);
            Put(keys.Tombstone(change.Revision), value);
        }
        else
        {
            Put(key, value);
        }

        foreach (var name in oldNames)
        {
            Delete(keys.Resource(name));
        }

        _bytes += bytes;
        Revision = change.Revision;
        return true;
    }

    /// <summary>Takes a row that only gets another seal.</summary>
    /// <returns>False, and nothing taken, when it doesn't fit in any more.</returns>
    public bool TryReplace(ByteString oldKey, ByteString newKey, byte[] value)
    {
        var bytes = value.Length + oldKey.Length + newKey.Length + 2 * OverheadPerOperation;
        if (_operations.Count + 2 + Reserved > options.MostOperations || (_bytes + bytes > options.MostBytes && !IsEmpty))
        {
            return false;
        }

        if (oldKey != newKey)
        {
            Delete(oldKey);
        }

        Put(newKey, value);
        _bytes += bytes;
        return true;
    }

    private void Put(ByteString key, byte[] value) =>
        _operations[key] = new RequestOp { RequestPut = new PutRequest { Key = key, Value = UnsafeByteOperations.UnsafeWrap(value) } };

    private void Delete(ByteString key) => _operations[key] = new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = key } };
}
