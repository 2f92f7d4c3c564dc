using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace Fleethold.Storage.Etcd;

/// <summary>
/// The keys of one account, below <c>/fleethold/ACCOUNT/</c>: <c>r/</c> resources by row key (base64url), <c>t/</c> tombstones by revision (16 hex
/// digits), <c>revision</c> the last committed one, <c>horizon</c>, <c>slots</c>, <c>meta</c> and <c>lock</c>. Values of rows are head and sealed blob.
/// </summary>
internal sealed class EtcdKeys
{
    private readonly string _prefix;

    public EtcdKeys(string account)
    {
        _prefix = $"/fleethold/{Uri.EscapeDataString(account)}/";
        (Revision, Horizon, Slots, Meta, Lock) = (Key("revision"), Key("horizon"), Key("slots"), Key("meta"), Key("lock"));
        (Resources, Tombstones) = (Key("r/"), Key("t/"));
    }

    public ByteString Revision { get; }

    public ByteString Horizon { get; }

    public ByteString Slots { get; }

    public ByteString Meta { get; }

    public ByteString Lock { get; }

    /// <summary>The prefix of all resources.</summary>
    public ByteString Resources { get; }

    /// <summary>The prefix of all tombstones.</summary>
    public ByteString Tombstones { get; }

    public ByteString Resource(ReadOnlySpan<byte> rowKey) => Key("r/" + Base64Url.EncodeToString(rowKey));

    public ByteString Tombstone(long revision) => Key("t/" + revision.ToString("x16", CultureInfo.InvariantCulture));

    /// <summary>The key after all keys that begin with a prefix.</summary>
    public static ByteString EndOf(ByteString prefix)
    {
        var end = prefix.ToByteArray();
        end[^1]++;
        return UnsafeByteOperations.UnsafeWrap(end);
    }

    /// <summary>The key right after another.</summary>
    public static ByteString After(ByteString key) => UnsafeByteOperations.UnsafeWrap((byte[])[.. key.Span, 0]);

    private ByteString Key(string name) => ByteString.CopyFrom(_prefix + name, Encoding.UTF8);
}
