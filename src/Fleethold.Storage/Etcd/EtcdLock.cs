using System.Globalization;
using Fleethold.Runtime;
using Fleethold.Storage.Etcd.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Storage.Etcd;

/// <summary>
/// The leader lock of an account: a key bound to a lease that this process keeps alive. Its create revision is the fence: every transaction
/// compares it, so that a server that lost the lock can't write, whatever it believes.
/// </summary>
internal sealed class EtcdLock : IAsyncDisposable
{
    private readonly EtcdClient _client;
    private readonly EtcdKeys _keys;
    private readonly EtcdOptions _options;
    private readonly TimeProvider _clock;
    private readonly ByteString _holder;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _recovering = new(1);
    private Task _keeping = Task.CompletedTask;
    private long _lease;
    private long _fence;
    private long _unchangedSince;

    public EtcdLock(EtcdClient client, EtcdKeys keys, EtcdOptions options, TimeProvider clock)
    {
        (_client, _keys, _options, _clock) = (client, keys, options, clock);
        _holder = ByteString.CopyFromUtf8(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}"));
    }

    /// <summary>The create revision of our lock key.</summary>
    public long Fence => Volatile.Read(ref _fence);

    /// <summary>Ends when the lock is lost for good: another server may lead now.</summary>
    public Task Lost => _lost.Task;

    /// <summary>What must hold for a write of ours.</summary>
    public Compare Held => new()
    {
        Key = _keys.Lock,
        Target = Compare.Types.CompareTarget.Create,
        Result = Compare.Types.CompareResult.Equal,
        CreateRevision = Fence,
    };

    /// <summary>Waits for the lock, then keeps it.</summary>
    /// <exception cref="CommitLogException">Another server holds it and doesn't let go, or the cluster is away.</exception>
    public async Task Acquire(CancellationToken cancellation)
    {
        var start = _clock.GetTimestamp();
        while (true)
        {
            var holder = await TryAcquire(unchangedSince: null, cancellation);
            if (holder is null)
            {
                _keeping = Keep();
                return;
            }

            if (_clock.GetElapsedTime(start) >= _options.LockWait)
            {
                throw new CommitLogException(
                    $"another server ({holder}) leads account {_options.Account} in etcd: stop it first, or give this one an account of its own");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), _clock, cancellation);
        }
    }

    /// <summary>
    /// After the lease ran out or a transaction found the fence broken: takes the lock again if nobody else wrote since our last write, which is
    /// as if it had never been gone. Otherwise it is lost for good.
    /// </summary>
    /// <returns>True when it is ours.</returns>
    public async Task<bool> Recover(CancellationToken cancellation)
    {
        await _recovering.WaitAsync(cancellation);
        try
        {
            if (_lost.Task.IsCompleted)
            {
                return false;
            }

            var present = (await _client.Patiently(token => _client.Range(new RangeRequest { Key = _keys.Lock }, token), cancellation)).Kvs.FirstOrDefault();
            if (present is not null && present.CreateRevision == Fence)
            {
                return true;
            }

            _lease = 0;
            if (await TryAcquire(Volatile.Read(ref _unchangedSince), cancellation) is null)
            {
                return true;
            }

            _lost.TrySetResult();
            return false;
        }
        finally
        {
            _recovering.Release();
        }
    }

    /// <summary>The mod revision of the revision key as of our last transaction.</summary>
    public void Wrote(long modRevision) => Volatile.Write(ref _unchangedSince, modRevision);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _keeping;
        if (_lease != 0)
        {
            try
            {
                // Lets the next server start at once.
                await _client.Revoke(_lease, CancellationToken.None);
            }
            catch (RpcException)
            {
                // The lease runs out by itself.
            }
        }

        _stopping.Dispose();
        _recovering.Dispose();
    }

    // Null when it is ours, otherwise who holds it. With unchangedSince the revision key must not have been written since.
    private async Task<string?> TryAcquire(long? unchangedSince, CancellationToken cancellation)
    {
        if (_lease == 0)
        {
            _lease = (await _client.Patiently(token => _client.Grant((long)_options.LeaseTime.TotalSeconds, token), cancellation)).ID;
        }

        var request = new TxnRequest
        {
            Compare = { new Compare { Key = _keys.Lock, Target = Compare.Types.CompareTarget.Create, CreateRevision = 0 } },
            Success = { new RequestOp { RequestPut = new PutRequest { Key = _keys.Lock, Value = _holder, Lease = _lease } } },
            Failure = { new RequestOp { RequestRange = new RangeRequest { Key = _keys.Lock } } },
        };
        if (unchangedSince is { } revision)
        {
            request.Compare.Add(new Compare { Key = _keys.Revision, Target = Compare.Types.CompareTarget.Mod, ModRevision = revision });
        }

        var answer = await _client.Patiently(token => _client.Transact(request, token), cancellation);
        if (answer.Succeeded)
        {
            Volatile.Write(ref _fence, answer.Header.Revision);
            return null;
        }

        // A try whose answer was lost may have taken it.
        var present = answer.Responses[0].ResponseRange.Kvs.FirstOrDefault();
        if (present?.Lease == _lease)
        {
            Volatile.Write(ref _fence, present.CreateRevision);
            return null;
        }

        return present?.Value.ToStringUtf8() ?? "unknown";
    }

    private async Task Keep()
    {
        var pause = _options.LeaseTime / 3;
        try
        {
            while (true)
            {
                await Task.Delay(pause, _clock, _stopping.Token);
                try
                {
                    if (await _client.KeepAlive(_lease, _stopping.Token) <= 0 && !await Recover(_stopping.Token))
                    {
                        return;
                    }
                }
                catch (Exception failure) when (failure is RpcException or CommitLogException)
                {
                    // The cluster is away: the fence guards our writes until it is back and can be asked.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
