using Fleethold.Runtime;
using Fleethold.Storage.Etcd.Wire;
using Fleethold.Storage.Sealing;
using Google.Protobuf;
using Grpc.Core;

namespace Fleethold.Storage.Etcd;

/// <summary>Reads all rows of an account in pages, unsealing them on all cores while the next page comes.</summary>
internal sealed class EtcdLoader(EtcdClient client, EtcdKeys keys, KeyRing ring)
{
    private const int PageRows = 1024;

    public sealed record Result(IReadOnlyList<LoadedResource> Resources, List<Mutation> Tombstones);

    /// <exception cref="CommitLogException">The cluster is away.</exception>
    /// <exception cref="SealException">A row doesn't open.</exception>
    public async Task<Result> Load(CancellationToken cancellation)
    {
        var resources = new List<LoadedResource>();
        foreach (var part in await ReadAll(keys.Resources, cancellation))
        {
            resources.AddRange(part.Select(one => new LoadedResource(one.Resource, one.CreateRevision, one.Revision)));
        }

        var tombstones = (await ReadAll(keys.Tombstones, cancellation)).SelectMany(part => part).OrderBy(one => one.Revision).ToList();
        return new Result(resources, tombstones);
    }

    /// <summary>One page of rows.</summary>
    public async Task<RangeResponse> Page(ByteString from, ByteString end, int rows, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await client.Patiently(token => client.Range(new RangeRequest { Key = from, RangeEnd = end, Limit = rows }, token), cancellation);
            }
            catch (CommitLogException failure) when (rows > 16 && failure.InnerException is RpcException { StatusCode: StatusCode.ResourceExhausted })
            {
                // The answer was larger than we take: big rows come in smaller pages.
                rows /= 8;
            }
        }
    }

    private async Task<Mutation[][]> ReadAll(ByteString prefix, CancellationToken cancellation)
    {
        var (from, end) = (prefix, EtcdKeys.EndOf(prefix));
        var parts = new List<Task<Mutation[]>>();
        while (true)
        {
            var page = await Page(from, end, PageRows, cancellation);
            parts.Add(Task.Run(() => Unseal(page), cancellation));
            if (!page.More)
            {
                return await Task.WhenAll(parts);
            }

            from = EtcdKeys.After(page.Kvs[^1].Key);
        }
    }

    private Mutation[] Unseal(RangeResponse page)
    {
        using var sealer = new RowSealer(ring);
        var rows = new Mutation[page.Kvs.Count];
        for (var index = 0; index < rows.Length; index++)
        {
            var value = page.Kvs[index].Value.Span;
            if (value.Length < RowHead.Length)
            {
                throw new SealException("a row of the store is damaged: it is cut short");
            }

            var (head, kind) = (value[..RowHead.Length].ToArray(), RowHead.Kind(value));
            var key = kind == RowKind.Tombstone ? keys.Tombstone(RowHead.Revision(head)) : keys.Resource(RowHead.Key(head));
            if (key != page.Kvs[index].Key)
            {
                throw new SealException("a row of the store was moved to the place of another");
            }

            rows[index] = new Mutation(
                RowHead.Revision(head), sealer.Unseal(head, value[RowHead.Length..]), RowHead.CreateRevision(head), kind == RowKind.Tombstone);
        }

        return rows;
    }
}
