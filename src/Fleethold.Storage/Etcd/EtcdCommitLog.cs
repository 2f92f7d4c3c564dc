using Fleethold.Runtime;
using Fleethold.Storage.Etcd.Wire;
using Fleethold.Storage.Sealing;
using Google.Protobuf;

namespace Fleethold.Storage.Etcd;

/// <summary>
/// A store in an existing etcd cluster. A commit is one transaction, or several in the order of the revisions when it is larger than etcd takes:
/// then each is durable for itself, and the commit counts as made only with the last one. The same commit may be tried again after an unknown
/// outcome: what is there already isn't written twice.
/// </summary>
internal sealed class EtcdCommitLog : ICommitLog, ISealedStore
{
    private const int RememberedDestroys = 10_000;
    private const int RotationRows = 32;

    private readonly EtcdOptions _options;
    private readonly EtcdClient _client;
    private readonly EtcdKeys _keys;
    private readonly EtcdLock _lock;
    private readonly EtcdWriter _writer;
    private readonly CancellationTokenSource _closing = new();

    // Held by whoever writes.
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Queue<long> _tombstones = new();
    private readonly RowBuffer _rows = new();
    private readonly RowSealer _sealer;
    private readonly KeyRing _ring;
    private readonly long _logId;
    private KeySlots _slots;
    private Task _rotation = Task.CompletedTask;
    private long _tombstonesUpTo;

    private EtcdCommitLog(EtcdOptions options, EtcdClient client, EtcdLock held, EtcdWriter writer, EtcdAccount account)
    {
        (_options, _client, _lock, _writer) = (options, client, held, writer);
        (_logId, _slots) = (account.LogId, account.Slots);
        _keys = new EtcdKeys(options.Account);
        _ring = new KeyRing(account.Slots.Keys);
        _sealer = new RowSealer(_ring);
    }

    /// <summary>Ends when another server took over: this one must stop.</summary>
    public Task LeadershipLost => _lock.Lost;

    /// <inheritdoc/>
    public KeySlots Slots => Volatile.Read(ref _slots);

    /// <summary>Takes the leader lock and opens the account, or makes it.</summary>
    /// <exception cref="CommitLogException">Another server leads, the cluster is away, or no key opens the account; the message says what to do.</exception>
    public static async ValueTask<EtcdCommitLog> Open(EtcdOptions options, IStoreKeys keys, TimeProvider clock, CancellationToken cancellation)
    {
        var client = new EtcdClient(options, clock);
        var names = new EtcdKeys(options.Account);
        var held = new EtcdLock(client, names, options, clock);
        try
        {
            await held.Acquire(cancellation);
            var account = await EtcdAccount.Open(client, names, held, keys, cancellation);
            var writer = new EtcdWriter(client, names, held, options, clock);
            await writer.Resolve(cancellation);
            var log = new EtcdCommitLog(options, client, held, writer, account);
            if (account.SlotsChanged)
            {
                await log.StoreSlots(account.Slots, cancellation);
            }

            return log;
        }
        catch (Exception failure)
        {
            await held.DisposeAsync();
            client.Dispose();
            throw failure is SealException ? new CommitLogException(failure.Message, CommitOutcome.NotWritten, failure) : failure;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<LoadedState> Load(CancellationToken cancellation)
    {
        try
        {
            var (resources, tombstones) = await new EtcdLoader(_client, _keys, _ring).Load(cancellation);
            var stored = await _client.Patiently(token => _client.Range(new RangeRequest { Key = _keys.Horizon }, token), cancellation);
            tombstones.ForEach(one => _tombstones.Enqueue(one.Revision));
            _tombstonesUpTo = _writer.Revision;
            if (_ring.IsRotating)
            {
                // A rotation that a crash interrupted goes on.
                _rotation = FinishRotation();
            }

            return new LoadedState(_logId, _writer.Revision, resources, tombstones, EtcdWriter.Number(stored.Kvs.FirstOrDefault()));
        }
        catch (SealException failure)
        {
            throw new CommitLogException($"{failure.Message}; restore account {_options.Account} in etcd from a snapshot", CommitOutcome.NotWritten, failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask Commit(IReadOnlyList<Mutation> changes, CancellationToken cancellation)
    {
        if (changes.Count == 0)
        {
            return;
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            await _writer.Resolve(cancellation);
            var start = _writer.Revision;
            while (_writer.Revision < changes[^1].Revision)
            {
                var chunk = NextChunk(changes);
                await _writer.Apply(chunk.Operations, chunk.Revision, othersApplied: _writer.Revision != start, cancellation);
            }

            await RememberTombstones(changes, cancellation);
        }
        catch (SealException failure)
        {
            throw new CommitLogException(failure.Message, CommitOutcome.NotWritten, failure);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async Task ChangeSlots(Func<KeySlots, KeySlots> change)
    {
        await _gate.WaitAsync(_closing.Token);
        try
        {
            await StoreSlots(change(_slots), _closing.Token);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async Task RotateMasterKey(IReadOnlyList<ISlotRecipient> recipients)
    {
        // One that failed, for example because the cluster was away, goes on first.
        _rotation = _rotation.IsFaulted ? FinishRotation() : _rotation;
        await _rotation;
        await ChangeSlots(slots => slots.WithNewKey(recipients));
        _rotation = FinishRotation();
        await _rotation;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync();
        try
        {
            await _rotation;
        }
        catch (Exception failure) when (failure is OperationCanceledException or CommitLogException)
        {
            // It goes on with the next start.
        }

        await _gate.WaitAsync();
        await _lock.DisposeAsync();
        _client.Dispose();
        _sealer.Dispose();
    }

    private EtcdChunk NextChunk(IReadOnlyList<Mutation> changes)
    {
        var chunk = new EtcdChunk(_keys, _options);
        foreach (var change in changes)
        {
            if (change.Revision <= _writer.Revision)
            {
                continue;
            }

            _rows.Clear();
            _sealer.Seal(change, _rows);
            if (!chunk.TryAdd(change, _rows.Head(0), _rows.Body(0), OldNames(change)))
            {
                break;
            }
        }

        return chunk;
    }

    private IReadOnlyList<byte[]> OldNames(in Mutation change)
    {
        if (!_ring.IsRotating)
        {
            return [];
        }

        var names = new List<byte[]>();
        foreach (var key in _ring.Keys.SkipLast(1))
        {
            var name = new byte[RowHead.KeyLength];
            _sealer.NameRow(key, change.Resource.Ref, name);
            names.Add(name);
        }

        return names;
    }

    // Forgets the oldest tombstones when there are a tenth more than must be remembered.
    private async Task RememberTombstones(IReadOnlyList<Mutation> changes, CancellationToken cancellation)
    {
        foreach (var change in changes)
        {
            if (change.IsDestroy && change.Revision > _tombstonesUpTo)
            {
                _tombstones.Enqueue(change.Revision);
            }
        }

        _tombstonesUpTo = _writer.Revision;
        if (_tombstones.Count <= RememberedDestroys + RememberedDestroys / 10)
        {
            return;
        }

        var horizon = 0L;
        while (_tombstones.Count > RememberedDestroys)
        {
            horizon = _tombstones.Dequeue();
        }

        var old = new DeleteRangeRequest { Key = _keys.Tombstone(0), RangeEnd = _keys.Tombstone(horizon + 1) };
        var put = new PutRequest { Key = _keys.Horizon, Value = EtcdWriter.Number(horizon) };
        try
        {
            await _writer.Apply([new RequestOp { RequestDeleteRange = old }, new RequestOp { RequestPut = put }], _writer.Revision, othersApplied: false, cancellation);
        }
        catch (CommitLogException)
        {
            // The commit itself is made. What wasn't removed is with the next time.
        }
    }

    private async Task StoreSlots(KeySlots slots, CancellationToken cancellation)
    {
        var put = new PutRequest { Key = _keys.Slots, Value = UnsafeByteOperations.UnsafeWrap(slots.Document.ToJson()) };
        await _writer.Resolve(cancellation);
        await _writer.Apply([new RequestOp { RequestPut = put }], _writer.Revision, othersApplied: false, cancellation);
        Volatile.Write(ref _slots, slots);
        _ring.Replace(slots.Keys);
    }

    private async Task FinishRotation()
    {
        foreach (var prefix in (IReadOnlyList<ByteString>)[_keys.Resources, _keys.Tombstones])
        {
            for (var from = prefix; from is not null;)
            {
                await _gate.WaitAsync(_closing.Token);
                try
                {
                    from = await Reseal(from, EtcdKeys.EndOf(prefix));
                }
                finally
                {
                    _gate.Release();
                }
            }
        }

        await ChangeSlots(slots => slots.WithoutOldKeys());
    }

    // Seals a page of rows with the current master key; where to go on, or null at the end.
    private async Task<ByteString?> Reseal(ByteString from, ByteString end)
    {
        await _writer.Resolve(_closing.Token);
        var page = await new EtcdLoader(_client, _keys, _ring).Page(from, end, RotationRows, _closing.Token);
        var chunk = new EtcdChunk(_keys, _options);
        ByteString? next = page.More ? EtcdKeys.After(page.Kvs[^1].Key) : null;
        foreach (var row in page.Kvs)
        {
            var value = row.Value.Memory;
            if (SealingLane.KeyIdOf(value.Span[RowHead.Length..]) == _ring.Current.Id)
            {
                continue;
            }

            var head = value[..RowHead.Length];
            var kind = RowHead.Kind(head.Span);
            _rows.Clear();
            var resource = _sealer.Unseal(head.Span, value.Span[RowHead.Length..]);
            _sealer.Seal(resource, kind, RowHead.Revision(head.Span), RowHead.CreateRevision(head.Span), _rows);
            var newKey = kind == RowKind.Tombstone ? row.Key : _keys.Resource(RowHead.Key(_rows.Head(0)));
            if (!chunk.TryReplace(row.Key, newKey, [.. _rows.Head(0), .. _rows.Body(0)]))
            {
                next = row.Key;
                break;
            }
        }

        if (!chunk.IsEmpty)
        {
            await _writer.Apply(chunk.Operations, _writer.Revision, othersApplied: false, _closing.Token);
        }

        return next;
    }
}
