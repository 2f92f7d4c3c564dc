using System.Globalization;
using Fleethold.Runtime;
using Fleethold.Storage.Etcd.Wire;
using Fleethold.Storage.Sealing;
using Fleethold.Storage.Sqlite;
using Google.Protobuf;

namespace Fleethold.Storage.Etcd;

/// <summary>What an account is besides its rows.</summary>
/// <param name="LogId">The number that bookmarks carry.</param>
/// <param name="Slots">The open key slots.</param>
/// <param name="SlotsChanged">True when the configuration added slots that aren't stored yet.</param>
internal sealed record EtcdAccount(long LogId, KeySlots Slots, bool SlotsChanged)
{
    private const string Form = "1 ";

    /// <summary>Reads an account, or makes it. The lock must be held.</summary>
    /// <exception cref="CommitLogException">It can't be read.</exception>
    /// <exception cref="SealException">No key opens it.</exception>
    public static async Task<EtcdAccount> Open(EtcdClient client, EtcdKeys names, EtcdLock held, IStoreKeys keys, CancellationToken cancellation)
    {
        var meta = await Read(client, names.Meta, cancellation);
        if (meta is null)
        {
            var made = new EtcdAccount(SqliteSchema.NewLogId(), await keys.Open(null, cancellation), SlotsChanged: false);
            var request = new TxnRequest
            {
                Compare = { held.Held, new Compare { Key = names.Meta, Target = Compare.Types.CompareTarget.Create, CreateRevision = 0 } },
                Success =
                {
                    Put(names.Meta, ByteString.CopyFromUtf8(Form + made.LogId.ToString(CultureInfo.InvariantCulture))),
                    Put(names.Slots, UnsafeByteOperations.UnsafeWrap(made.Slots.Document.ToJson())),
                    Put(names.Revision, EtcdWriter.Number(0)),
                },
            };
            var answer = await client.Patiently(token => client.Transact(request, token), cancellation);
            if (answer.Succeeded)
            {
                return made;
            }

            // A try whose answer was lost made it.
            meta = await Read(client, names.Meta, cancellation)
                ?? throw new CommitLogException("the leader lock in etcd was lost while the account was made: start again");
        }

        var slots = await Read(client, names.Slots, cancellation);
        var text = meta.ToStringUtf8();
        if (slots is null || !text.StartsWith(Form, StringComparison.Ordinal)
            || !long.TryParse(text[Form.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var logId))
        {
            throw new CommitLogException("the account in etcd is damaged or was written by a newer version: use that version, or restore it from a snapshot");
        }

        var stored = KeyRingDocument.Parse(slots.Span);
        var open = await keys.Open(stored, cancellation);
        return new EtcdAccount(logId, open, open.Document.Mac != stored.Mac);
    }

    private static async Task<ByteString?> Read(EtcdClient client, ByteString key, CancellationToken cancellation) =>
        (await client.Patiently(token => client.Range(new RangeRequest { Key = key }, token), cancellation)).Kvs.FirstOrDefault()?.Value;

    private static RequestOp Put(ByteString key, ByteString value) => new() { RequestPut = new PutRequest { Key = key, Value = value } };
}
