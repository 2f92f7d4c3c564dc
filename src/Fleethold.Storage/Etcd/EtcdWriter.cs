using System.Buffers.Binary;
using Fleethold.Runtime;
using Fleethold.Storage.Etcd.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Storage.Etcd;

/// <summary>
/// Writes transactions one after the other. Each compares the fence of the leader lock and the last write of the revision key, and writes that
/// key: so a request that was repeated, or arrives late, never writes twice nor over newer content. For one caller at a time.
/// </summary>
internal sealed class EtcdWriter(EtcdClient client, EtcdKeys keys, EtcdLock held, EtcdOptions options, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private long _modRevision;
    private bool _isKnown;

    /// <summary>The last revision that is in the store.</summary>
    public long Revision { get; private set; }

    public static ByteString Number(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    public static long Number(KeyValue? stored) => stored?.Value.Length == 8 ? BinaryPrimitives.ReadInt64BigEndian(stored.Value.Span) : 0;

    /// <summary>Reads how far the store is, when that isn't known.</summary>
    /// <exception cref="CommitLogException">The cluster is away or the lock is lost: still not known.</exception>
    public async Task Resolve(CancellationToken cancellation)
    {
        if (_isKnown)
        {
            return;
        }

        try
        {
            if (!await held.Recover(cancellation))
            {
                throw Lost();
            }

            Adopt(await client.Patiently(token => client.Range(new RangeRequest { Key = keys.Revision }, token), cancellation));
        }
        catch (CommitLogException failure) when (failure.Outcome == CommitOutcome.NotWritten)
        {
            throw new CommitLogException(failure.Message, CommitOutcome.Unknown, failure);
        }
    }

    /// <summary>
    /// Applies operations and moves to a revision. When it returns and <see cref="Revision"/> is another one, an earlier try was applied after all,
    /// and the caller goes on from there.
    /// </summary>
    /// <param name="operations">Operations on rows.</param>
    /// <param name="revision">The revision that the store has with them.</param>
    /// <param name="othersApplied">True when a part of the same commit is in the store, so that a failure can't mean that nothing was written.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="CommitLogException">The cluster is away or refuses, or the lock is lost.</exception>
    public async Task Apply(IEnumerable<RequestOp> operations, long revision, bool othersApplied, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        var pause = FirstPause;
        var request = Request(operations, revision);
        var uncertain = othersApplied;
        _isKnown = false;
        while (true)
        {
            try
            {
                request.Compare[0] = held.Held;
                var answer = await client.Transact(request, cancellation);
                if (answer.Succeeded)
                {
                    (Revision, _modRevision, _isKnown) = (revision, answer.Header.Revision, true);
                    held.Wrote(_modRevision);
                    return;
                }

                if (answer.Responses[1].ResponseRange.Kvs.FirstOrDefault()?.CreateRevision == held.Fence)
                {
                    Adopt(answer.Responses[0].ResponseRange);
                    return;
                }

                if (!await held.Recover(cancellation))
                {
                    throw Lost();
                }
            }
            catch (RpcException failure) when (EtcdClient.IsAway(failure) && clock.GetElapsedTime(start) < options.RetryFor)
            {
                uncertain = true;
                await Task.Delay(pause, clock, cancellation);
                pause = TimeSpan.FromTicks(long.Min(pause.Ticks * 2, TimeSpan.TicksPerSecond));
            }
            catch (RpcException failure)
            {
                uncertain |= EtcdClient.IsAway(failure);
                _isKnown = !uncertain;
                throw client.Explain(failure, uncertain ? CommitOutcome.Unknown : CommitOutcome.NotWritten);
            }
        }
    }

    private TxnRequest Request(IEnumerable<RequestOp> operations, long revision) => new()
    {
        Compare =
        {
            held.Held,
            new Compare { Key = keys.Revision, Target = Compare.Types.CompareTarget.Mod, ModRevision = _modRevision },
        },
        Success =
        {
            operations,
            new RequestOp { RequestPut = new PutRequest { Key = keys.Revision, Value = Number(revision) } },
        },
        Failure =
        {
            new RequestOp { RequestRange = new RangeRequest { Key = keys.Revision } },
            new RequestOp { RequestRange = new RangeRequest { Key = keys.Lock } },
        },
    };

    private void Adopt(RangeResponse stored)
    {
        var present = stored.Kvs.FirstOrDefault()
            ?? throw new CommitLogException("the account in etcd lost its revision: restore it from a snapshot", CommitOutcome.Unknown);
        (Revision, _modRevision, _isKnown) = (Number(present), present.ModRevision, true);
        held.Wrote(_modRevision);
    }

    private CommitLogException Lost() => new(
        $"another server took over account {options.Account} in etcd: this one writes nothing more and must be stopped", CommitOutcome.Unknown);
}
