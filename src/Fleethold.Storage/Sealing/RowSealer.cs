using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Fleethold.Runtime;
using Resource = Fleethold.Resources.Resource;

namespace Fleethold.Storage.Sealing;

/// <summary>Resources to rows and back, for one thread at a time; its buffers are reused.</summary>
internal sealed class RowSealer(KeyRing ring) : IDisposable
{
    private readonly SealingLane _lane = new(ring);
    private byte[] _clear = new byte[4096];

    /// <summary>Appends the row of a change to <paramref name="rows"/>.</summary>
    public void Seal(in Mutation change, RowBuffer rows) =>
        Seal(change.Resource, change.IsDestroy ? RowKind.Tombstone : RowKind.Resource, change.Revision, change.CreateRevision, rows);

    /// <summary>Appends a row to <paramref name="rows"/>.</summary>
    public void Seal(Resource resource, RowKind kind, long revision, long createRevision, RowBuffer rows)
    {
        var plain = ResourceCodec.EncodeForStorage(resource);
        var row = rows.Add(RowHead.Length, plain.Length + SealingLane.Overhead);
        var head = row[..RowHead.Length];
        _lane.NameRow(resource.Ref, RowHead.Key(head));
        RowHead.Write(head, kind, revision, createRevision);
        _lane.Seal(plain, head, row[RowHead.Length..]);
    }

    /// <summary>The name of a resource's row under a master key of the ring.</summary>
    public void NameRow(MasterKey key, in ResourceRef reference, Span<byte> rowKey) => _lane.NameRow(key, reference, rowKey);

    /// <summary>Opens a row.</summary>
    /// <exception cref="SealException">It is damaged or its key isn't there.</exception>
    public Resource Unseal(ReadOnlySpan<byte> head, ReadOnlySpan<byte> blob)
    {
        var length = SealingLane.ContentLength(blob);
        if (length < 0 || head.Length != RowHead.Length)
        {
            throw new SealException("a row of the store is damaged: it is cut short");
        }

        if (_clear.Length < length)
        {
            _clear = new byte[int.Max(length, _clear.Length * 2)];
        }

        _lane.Unseal(blob, head, _clear.AsSpan(0, length));
        try
        {
            // Typed resources copy their spec out of the buffer, which is used again; opaque ones keep what they are given.
            return ResourceCodec.DecodeFromStorage(_clear.AsMemory(0, length)) is var resource && resource is OpaqueResource opaque
                ? new OpaqueResource(opaque.Metadata, opaque.SpecBytes.ToArray(), opaque.Yaml)
                : resource;
        }
        catch (InvalidDataException failure)
        {
            throw new SealException($"a row of the store can't be read: {failure.Message}; it was written by another version", failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lane.Dispose();
}

/// <summary>Rows one behind the other in one reused buffer.</summary>
internal sealed class RowBuffer
{
    private readonly List<(int Start, int HeadLength, int Length)> _rows = [];
    private byte[] _bytes = new byte[1 << 16];
    private int _used;

    public int Count => _rows.Count;

    public ReadOnlySpan<byte> Head(int index) => _bytes.AsSpan(_rows[index].Start, _rows[index].HeadLength);

    public ReadOnlySpan<byte> Body(int index)
    {
        var (start, headLength, length) = _rows[index];
        return _bytes.AsSpan(start + headLength, length - headLength);
    }

    /// <summary>Room for one more row; valid until the next is added.</summary>
    public Span<byte> Add(int headLength, int bodyLength)
    {
        var length = headLength + bodyLength;
        if (_bytes.Length - _used < length)
        {
            Array.Resize(ref _bytes, checked(int.Max(_used + length, _bytes.Length * 2)));
        }

        _rows.Add((_used, headLength, length));
        _used += length;
        return _bytes.AsSpan(_used - length, length);
    }

    public void Clear()
    {
        _rows.Clear();
        _used = 0;
        if (_bytes.Length > 8 << 20)
        {
            _bytes = new byte[1 << 16];
        }
    }
}
